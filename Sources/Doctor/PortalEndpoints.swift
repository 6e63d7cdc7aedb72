internal import Captive
package import Foundation
internal import NetworkAddress

/// Where the doctor finds the portal: the origin that guests know, and the listeners behind it.
package struct PortalEndpoints: Sendable {
    /// Scheme, host and port under which guests reach the portal, without a slash at the end.
    package let origin: String
    /// The listener for plain HTTP, as `ADDRESS:PORT`; nil if there is none.
    package let plain: String?
    /// The portal's own listener for TLS; nil if something else ends it, and then the origin's name is looked up.
    package let secure: String?
    /// Whether the listeners want a PROXY header first, which the doctor does not send.
    package let wantsProxyHeader: Bool
    /// A PEM file of authorities that guests' devices know besides the system's.
    package let authorities: String?

    /// Lower case; an IPv6 address without its brackets.
    package let host: String
    package let isSecure: Bool

    /// Nil unless `origin` is an http or https origin.
    package init?(
        origin: String, plain: String?, secure: String? = nil, wantsProxyHeader: Bool = false,
        authorities: String? = nil
    ) {
        guard let parts = URLComponents(string: origin), let host = parts.host, !host.isEmpty,
            ["http", "https"].contains(parts.scheme)
        else { return nil }
        self.origin = origin
        self.plain = plain
        self.secure = secure
        self.wantsProxyHeader = wantsProxyHeader
        self.authorities = authorities
        self.host = host.lowercased().trimmingCharacters(in: ["[", "]"])
        isSecure = parts.scheme == "https"
    }

    /// Whether guests know the portal by an address instead of a name.
    package var isAddress: Bool { IPAddress(host) != nil }

    /// Whether only this machine reaches it: a demo, a test.
    package var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// The Captive Portal API (RFC 8908), for any guest whose address tells the site.
    package var captivePortalAPI: String { origin + "/captive-portal/api" }

    /// The same for the guests of one site, whose address may be used at others too: what DHCP option 114 should name.
    package func captivePortalAPI(of site: UUID) -> String { "\(captivePortalAPI)?site=\(site.text)" }

    /// The listener to connect to for the origin itself; nil if its name has to be looked up,
    /// as when a proxy stands before.
    var place: String? { wantsProxyHeader ? nil : isSecure ? secure : plain }
}
