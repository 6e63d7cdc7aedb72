import Foundation

/// The origin under which guests and identity providers reach the portal: scheme, host and port, without a path.
package struct PublicURL: Sendable, Equatable, CustomStringConvertible {
    /// `http` or `https`.
    package let scheme: String
    /// The host with the port, unless it is the default port of the scheme; lower case, as in a `Host` field.
    package let authority: String

    /// Nil unless `text` is an http or https origin; a trailing slash is allowed.
    package init?(_ text: String) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased(), let host = parts.host,
            scheme == "http" || scheme == "https", !host.isEmpty, parts.user == nil, parts.query == nil,
            parts.fragment == nil, parts.path.isEmpty || parts.path == "/"
        else { return nil }
        self.scheme = scheme
        let defaultPort = scheme == "https" ? 443 : 80
        let port = parts.port.flatMap { $0 == defaultPort ? nil : ":\($0)" } ?? ""
        authority = host.lowercased() + port
    }

    /// The host without the port.
    package var host: String { Self.host(of: authority) }

    private static func host(of authority: String) -> String {
        guard let colon = authority.lastIndex(of: ":"), authority.last != "]" else { return authority }
        return String(authority[..<colon])
    }

    /// Returns true if a request's authority has this origin's host, at any port.
    package func isHost(of requestAuthority: String) -> Bool { Self.host(of: requestAuthority) == host }

    package var isSecure: Bool { scheme == "https" }

    package var description: String { "\(scheme)://\(authority)" }

    /// Returns true if a request's authority is this origin's.
    package func owns(_ requestAuthority: String) -> Bool {
        requestAuthority == authority || requestAuthority == authority + (isSecure ? ":443" : ":80")
    }
}
