import Captive
import Foundation
package import HTTPServer
import NetworkAddress

/// Requests for other hosts that a router has sent here: people's first tries and operating systems' probes.
extension GuestPortal {
    /// True if the request was meant for another host, and came in plain.
    package func isIntercepted(_ request: Request) -> Bool {
        !request.isSecure && !publicURL.owns(request.authority)
    }

    /// True if the request came in plain, for the host that guests reach over https.
    package func isPlain(_ request: Request) -> Bool {
        publicURL.isSecure && !request.isSecure && publicURL.isHost(of: request.authority)
    }

    /// The same address over https, for a page asked in plain; nil for what is answered in plain too: a gateway and a
    /// device that is not let through yet may not be able to use TLS, and files hold nothing of anybody.
    package func secured(_ request: Request) -> Response? {
        let first = request.path.split(separator: "/").first.map(String.init)
        guard Self.securedPaths.contains(first) else { return nil }
        return redirect(.permanentRedirect, to: request.rawTarget)
    }

    /// First segments of the paths with something of a guest or an admin. `/hotspot` is not among them: openNDS leads
    /// its guests there in plain where it is told to, and the page that follows is always at `publicURL`.
    private static let securedPaths: Set<String?> = [
        nil, "preauth", "oauth", "c", "go", "auth-test", "status", "logout", "resume", "errors",
    ]

    /// The answer to an intercepted request: 302 to the entry of the site that owns the guest's address (facts on every
    /// probe: a 302 with a body of more than four bytes is what makes all of them open the portal).
    package func intercept(_ request: Request) async -> Response {
        guard request.method == .get || request.method == .head else {
            var response = Response.text(.methodNotAllowed, "Sign in to this network first: \(publicURL)\n")
            response.headers["Allow"] = "GET, HEAD"
            response.closesConnection = true
            return response
        }
        return intercepted(await entryPath(for: request))
    }

    /// As `intercept`, without waiting; nil if the catalog has to be loaded first.
    package func interceptInMemory(_ request: Request) -> Response? {
        guard request.method == .get || request.method == .head, let subnets = books.instances.cachedSubnets else {
            return nil
        }
        return intercepted(entryPath(subnets.onlyClaim(request.client), request))
    }

    /// A connection that stayed open would bring the guest's next request for the same host here, although the guest is
    /// let through by then.
    private func intercepted(_ path: String) -> Response {
        var response = redirect(.found, to: path)
        response.closesConnection = true
        return response
    }

    private func entryPath(for request: Request) async -> String {
        entryPath((try? await books.instances.subnets())?.onlyClaim(request.client), request)
    }

    /// Without a claim it is the home page: several sites may use the same private subnet,
    /// and then only the router can tell.
    private func entryPath(_ claim: SubnetClaim?, _ request: Request) -> String {
        guard let claim else { return caughtCode(request).map { "/c/\($0.rawValue)" } ?? "/" }
        let path = "/hotspot/\(claim.siteID.text)?ip=\(request.client)"
        // Most of what is intercepted are probes: they cost no parsing.
        guard !ProbeHosts.contains(request.authority) else { return path }
        let origin = Self.origin(of: request)
        if let code = codeLink.code(in: origin) { return path + "&code=" + code.rawValue }
        guard let destination = CapturedDestination(origin, portal: publicURL) else { return path }
        return path + "&link-orig=" + QueryEscaping.escape(destination.url)
    }

    private func caughtCode(_ request: Request) -> CouponCode? { codeLink.code(in: Self.origin(of: request)) }

    private static func origin(of request: Request) -> String { "http://\(request.authority)\(request.rawTarget)" }

    /// The portal's own front door: on to the entry where the guest's address tells the site.
    func home(_ request: Request) async throws -> Response {
        guard let claim = try await books.instances.subnets().onlyClaim(request.client) else {
            throw GuestRefusal(.network)
        }
        return redirect(.found, to: "/hotspot/\(claim.siteID.text)")
    }
}

/// Percent-encoding for a value in a query (RFC 3986 section 2.3: only unreserved characters stay).
enum QueryEscaping {
    static func escape(_ text: String) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
            default: bytes += [0x25, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(streamSafe: bytes)
    }
}
