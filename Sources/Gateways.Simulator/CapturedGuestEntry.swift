package import Foundation
package import HTTPServer
package import Logging
internal import NetworkAddress

/// A page's address at which a person's browser becomes a captured guest of the simulated router: it joins the guest
/// network and is sent where the router's `login.html` sends it.
///
/// `/guest?mac=…&ip=…` takes optionally `orig`, the address that the guest wanted, else it is `/internet` here. A
/// device that is online already goes there at once, as through a router.
package struct CapturedGuestEntry: Responder {
    private let router: SimulatedRouter
    private let portal: String
    private let siteID: UUID

    /// `portal`: the portal's origin, without a slash at its end.
    package init(router: SimulatedRouter, portal: String, siteID: UUID) {
        self.router = router
        self.portal = portal
        self.siteID = siteID
    }

    /// A server for it at `address`, one loop; not started.
    package func server(at address: SocketAddress, logger: Logger) -> Server {
        Server(configuration: .init(listeners: [.init(address: address)], loops: 1), responder: self, logger: logger)
    }

    package func respondImmediately(to request: Request) -> Response? {
        if request.path == "/internet" { return .text(.ok, "This is the internet, as far as this machine has one.\n") }
        guard request.path == "/guest" else { return .text(.notFound, "Guests begin at /guest?mac=...&ip=...") }
        let query = request.queryParameters()
        guard let mac = query["mac"].flatMap({ MACAddress($0) }), let ip = query["ip"].flatMap({ IPAddress($0) }) else {
            return .text(.badRequest, "mac and ip must be addresses")
        }
        let original = query["orig"] ?? "http://\(request.authority)/internet"
        router.connect(mac, ip)
        return .redirect(.found, to: router.isOnline(mac) ? original : login(mac, ip, original, request.authority))
    }

    package func respond(to request: Request) async -> Response { .text(.notFound, "Not Found") }

    /// What the portal's `login.html` writes, in its order.
    private func login(_ mac: MACAddress, _ ip: IPAddress, _ original: String, _ authority: String) -> String {
        let fields = [
            ("mac", mac.description), ("ip", ip.description), ("link-login-only", "http://\(authority)/login"),
            ("link-orig", original), ("error", ""), ("identity", router.identity), ("server-name", "portico"),
            ("interface-name", "bridge-guests"),
        ]
        let query = fields.map { "\($0.0)=\(Self.escape($0.1))" }.joined(separator: "&")
        return "\(portal)/hotspot/\(siteID.uuidString.lowercased())?\(query)"
    }

    /// As `$(name-esc)` does: form style, a space is `+`.
    private static func escape(_ text: String) -> String {
        let allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._ ")
        return (text.addingPercentEncoding(withAllowedCharacters: allowed) ?? "").replacing(" ", with: "+")
    }
}
