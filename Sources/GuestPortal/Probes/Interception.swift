import Captive
import Foundation
package import HTTPServer
import NetworkAddress
import Pages
import Storage

/// Intercepted requests, for other hosts: first requests of guests and probes of operating systems.
extension GuestPortal {
    /// Returns true if the request is for another host and uses plain http.
    package func isIntercepted(_ request: Request) -> Bool {
        !request.isSecure && !publicURL.owns(request.authority)
    }

    /// Returns true if the request uses plain http for the host that guests reach over https.
    package func isPlain(_ request: Request) -> Bool {
        publicURL.isSecure && !request.isSecure && publicURL.isHost(of: request.authority)
    }

    /// Returns a redirect to the same address over https; nil for paths that plain http serves too: a gateway and a
    /// device without authorization may not be able to use TLS, and static files contain no guest data.
    package func secured(_ request: Request) -> Response? {
        let first = request.path.split(separator: "/").first.map(String.init)
        guard Self.securedPaths.contains(first) else { return nil }
        return redirect(.permanentRedirect, to: request.rawTarget)
    }

    /// First segments of the paths with data of a guest or an admin. `/hotspot` is not among them: a configured openNDS
    /// redirects its guests there over plain http, and the next page is always at `publicURL`.
    private static let securedPaths: Set<String?> = [
        nil, "preauth", "oauth", "c", "go", "auth-test", "status", "logout", "resume", "errors",
    ]

    /// Returns the response to an intercepted request: 302 to the entry of the site that owns the guest's address
    /// (facts for every probe: a 302 with a body of more than four bytes makes all operating systems open the portal).
    package func intercept(_ request: Request) async -> Response {
        guard request.method == .get || request.method == .head else {
            var response = Response.text(.methodNotAllowed, "Sign in to this network first: \(publicURL)\n")
            response.headers["Allow"] = "GET, HEAD"
            response.closesConnection = true
            return response
        }
        return intercepted(await entryPath(for: request))
    }

    /// Returns the response of `intercept` without waiting; nil if the catalog is not loaded.
    package func interceptInMemory(_ request: Request) -> Response? {
        guard request.method == .get || request.method == .head, let subnets = instances.cachedSubnets else {
            return nil
        }
        return intercepted(entryPath(subnets.onlyClaim(request.client), request))
    }

    /// Closes the connection: over an open one, the guest's next request for the same host would arrive here although
    /// the router has authorized the guest in the meantime.
    private func intercepted(_ path: String) -> Response {
        var response = redirect(.found, to: path)
        response.closesConnection = true
        return response
    }

    private func entryPath(for request: Request) async -> String {
        entryPath((try? await instances.subnets())?.onlyClaim(request.client), request)
    }

    /// Returns the home page if there is no claim: several sites may use the same private subnet, and only the router
    /// can tell them apart.
    private func entryPath(_ claim: SubnetClaim?, _ request: Request) -> String {
        guard let claim else { return caughtCode(request).map { "/c/\($0.rawValue)" } ?? "/" }
        let path = "/hotspot/\(claim.siteID.text)?ip=\(request.client)"
        // Most intercepted requests are probes; this avoids parsing them.
        guard !ProbeHosts.contains(request.authority) else { return path }
        let origin = Self.origin(of: request)
        if let code = codeLink.code(in: origin) { return path + "&code=" + code.rawValue }
        guard let destination = CapturedDestination(origin, portal: publicURL) else { return path }
        return path + "&link-orig=" + QueryEscaping.escape(destination.url)
    }

    private func caughtCode(_ request: Request) -> CouponCode? { codeLink.code(in: Self.origin(of: request)) }

    private static func origin(of request: Request) -> String { "http://\(request.authority)\(request.rawTarget)" }

    /// The portal's home page: redirects to the entry if the guest's address determines the site.
    func home(_ request: Request) async throws -> Response {
        guard let claim = try await instances.subnets().onlyClaim(request.client) else {
            throw GuestRefusal(.network)
        }
        return redirect(.found, to: "/hotspot/\(claim.siteID.text)")
    }
}

/// Percent-encoding for a value in a query (RFC 3986 section 2.3: unreserved characters are not encoded).
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
