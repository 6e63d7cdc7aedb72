internal import Captive
package import Foundation
internal import NetworkAddress

/// The portal's origin as guests know it, and the listeners behind it.
package struct PortalEndpoints: Sendable {
    /// Scheme, host and port, without a trailing slash.
    package let origin: String
    /// The listener for plain HTTP, as `ADDRESS:PORT`; nil if there is none.
    package let plain: String?
    /// The portal's TLS listener; nil if a proxy terminates TLS. The doctor then resolves the origin's name.
    package let secure: String?
    /// Whether the listeners require a PROXY header, which the doctor does not send.
    package let wantsProxyHeader: Bool
    /// A PEM file of certificate authorities that guests' devices trust in addition to the system's.
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

    /// Whether the origin has an IP address instead of a name.
    package var isAddress: Bool { IPAddress(host) != nil }

    /// Whether the portal is reachable from this machine only, as in a demo or test.
    package var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// The Captive Portal API (RFC 8908) for guests whose site follows from their address.
    package var captivePortalAPI: String { origin + "/captive-portal/api" }

    /// The Captive Portal API for one site, which also works if other sites use the same addresses. The value for DHCP
    /// option 114.
    package func captivePortalAPI(of site: UUID) -> String { "\(captivePortalAPI)?site=\(site.text)" }

    /// The listener to connect to for the origin; nil if the origin's name must be resolved, as behind a proxy.
    var listener: String? { wantsProxyHeader ? nil : isSecure ? secure : plain }
}
