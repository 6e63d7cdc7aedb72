package import Foundation
package import HTTPServer
package import Logging
internal import NetworkAddress

/// Lets a browser act as an intercepted guest of the simulated router: it joins the guest network and is redirected as
/// by the router's `login.html`.
///
/// The path is `/guest?mac=…&ip=…`; the optional `orig` is the URL that the guest requested and defaults to `/internet`
/// of this server. A device that is online is redirected to `orig`.
package struct CapturedGuestEntry: Responder {
    private let router: SimulatedRouter
    private let portal: String
    private let siteID: UUID

    /// `portal` is the portal's origin without a trailing slash.
    package init(router: SimulatedRouter, portal: String, siteID: UUID) {
        self.router = router
        self.portal = portal
        self.siteID = siteID
    }

    /// Creates a server with one loop at `address`, without starting it.
    package func server(at address: SocketAddress, logger: Logger) -> Server {
        Server(configuration: .init(listeners: [.init(address: address)], loops: 1), responder: self, logger: logger)
    }

    package func respondImmediately(to request: Request) -> Response? {
        if request.path == "/internet" { return .text(.ok, "You are online: this is the simulated internet.\n") }
        guard request.path == "/guest" else { return .text(.notFound, "Open /guest?mac=...&ip=...") }
        let query = request.queryParameters()
        guard let mac = query["mac"].flatMap({ MACAddress($0) }), let ip = query["ip"].flatMap({ IPAddress($0) }) else {
            return .text(.badRequest, "mac and ip must be addresses")
        }
        let original = query["orig"] ?? "http://\(request.authority)/internet"
        router.connect(mac, ip)
        return .redirect(.found, to: router.isOnline(mac) ? original : login(mac, ip, original, request.authority))
    }

    package func respond(to request: Request) async -> Response { .text(.notFound, "Not Found") }

    /// The parameters that the portal's `login.html` sends, in its order.
    private func login(_ mac: MACAddress, _ ip: IPAddress, _ original: String, _ authority: String) -> String {
        let fields = [
            ("mac", mac.description), ("ip", ip.description), ("link-login-only", "http://\(authority)/login"),
            ("link-orig", original), ("error", ""), ("identity", router.identity), ("server-name", "portico"),
            ("interface-name", "bridge-guests"),
        ]
        let query = fields.map { "\($0.0)=\(Self.escape($0.1))" }.joined(separator: "&")
        return "\(portal)/hotspot/\(siteID.uuidString.lowercased())?\(query)"
    }

    /// Escapes as `$(name-esc)` does: form encoding, with `+` for a space.
    private static func escape(_ text: String) -> String {
        let allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._ ")
        return (text.addingPercentEncoding(withAllowedCharacters: allowed) ?? "").replacing(" ", with: "+")
    }
}
