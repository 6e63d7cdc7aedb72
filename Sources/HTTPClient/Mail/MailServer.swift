import Foundation

/// The server that takes mail for delivery, as an address says: `smtp://user:pass@host:587`, `smtps://host`. What needs
/// escaping in user and password is percent-encoded. Printing it shows no password.
package struct MailServer: Sendable {
    /// Scheme, host and port, without user and password.
    package let origin: String
    package let host: String
    package let credentials: HTTPRequest.Credentials?
    /// When the conversation is encrypted.
    package let encryption: Encryption
    /// PEM file of authorities beside the system's.
    package var extraAuthorities: String?

    /// When the conversation is encrypted; then the server's certificate is always checked.
    package enum Encryption: Sendable, Equatable {
        /// By STARTTLS (RFC 3207) where the server offers it.
        case whereOffered
        /// By STARTTLS; nothing is sent to a server that does not offer it.
        case required
        /// From the first byte (RFC 8314 section 3.3).
        case immediate
    }

    /// Nil unless `url` has the scheme `smtp` (port 587 unless it says another) or `smtps` (465), a host, no path, and
    /// no parameter but `tls=required`.
    package init?(url text: String) {
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty, ["", "/"].contains(url.path),
            let scheme = url.scheme?.lowercased(), ["smtp", "smtps"].contains(scheme), url.fragment == nil
        else { return nil }
        let parameters = (url.queryItems ?? []).map { "\($0.name)=\($0.value ?? "")" }
        guard parameters.allSatisfy({ $0 == "tls=required" }) else { return nil }
        let isImmediate = scheme == "smtps"
        encryption = isImmediate ? .immediate : parameters.isEmpty ? .whereOffered : .required
        self.host = host
        origin = "\(scheme)://\(host):\(url.port ?? (isImmediate ? 465 : 587))"
        credentials = url.user.map { .init(user: $0, password: url.password ?? "") }
    }
}
