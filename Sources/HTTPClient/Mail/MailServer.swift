import Foundation

/// An SMTP server given by a URL: `smtp://user:pass@host:587`, `smtps://host`. Reserved characters in user and password
/// are percent-encoded. Its description does not show the password.
package struct MailServer: Sendable {
    /// Scheme, host and port, without user and password.
    package let origin: String
    package let host: String
    package let credentials: HTTPRequest.Credentials?
    /// When the connection is encrypted.
    package let encryption: Encryption
    /// PEM file of authorities, in addition to the system's.
    package var extraAuthorities: String?

    /// When the connection is encrypted. An encrypted connection always checks the server's certificate.
    package enum Encryption: Sendable, Equatable {
        /// STARTTLS (RFC 3207) if the server offers it.
        case whereOffered
        /// STARTTLS; fails if the server does not offer it.
        case required
        /// TLS from the first byte (RFC 8314 section 3.3).
        case immediate
    }

    /// Returns nil unless `url` has the scheme `smtp` (default port 587) or `smtps` (default port 465), a host, no
    /// path, and no parameter except `tls=required`.
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
