import Foundation

/// The origin under which guests and identity providers reach the portal: scheme, host and port, without a path.
package struct PublicURL: Sendable, Equatable, CustomStringConvertible {
    /// `http` or `https`.
    package let scheme: String
    /// Host with the port, if it is not the scheme's own; lower case, as a `Host` field has it.
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

    /// Without the port.
    package var host: String { Self.host(of: authority) }

    private static func host(of authority: String) -> String {
        guard let colon = authority.lastIndex(of: ":"), authority.last != "]" else { return authority }
        return String(authority[..<colon])
    }

    /// True if a request's authority names this origin's host, at whatever port.
    package func isHost(of requestAuthority: String) -> Bool { Self.host(of: requestAuthority) == host }

    package var isSecure: Bool { scheme == "https" }

    package var description: String { "\(scheme)://\(authority)" }

    /// True if a request's authority names this origin.
    package func owns(_ requestAuthority: String) -> Bool {
        requestAuthority == authority || requestAuthority == authority + (isSecure ? ":443" : ":80")
    }
}
