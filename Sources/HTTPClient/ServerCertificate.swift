internal import CCurl
package import Foundation
internal import NetworkAddress

/// A certificate that a server presented, and the result of its verification.
package struct ServerCertificate: Sendable, Equatable {
    /// OpenSSL's reason why the chain is not trusted or not currently valid; nil if it is valid.
    package var issue: String?
    /// Whether the certificate is for the host of the request (RFC 9110 section 4.3.4).
    package var matchesHost: Bool
    package var isSelfSigned: Bool
    /// Number of certificates that the server sent, including its own.
    package var sentCount: Int
    /// Digest of the DER form.
    package var sha256: [UInt8]
    package var notBefore: Date
    package var notAfter: Date
    /// The subject's common name or organization; empty if it has neither.
    package var subject: String
    /// The issuer's common name or organization; empty if it has neither.
    package var issuer: String

    /// A certificate from its parts, for tests.
    package init(
        issue: String? = nil, matchesHost: Bool = true, isSelfSigned: Bool = false, sentCount: Int = 2,
        sha256: [UInt8] = Array(repeating: 0, count: 32), notBefore: Date, notAfter: Date, subject: String = "",
        issuer: String = ""
    ) {
        self.issue = issue
        self.matchesHost = matchesHost
        self.isSelfSigned = isSelfSigned
        self.sentCount = sentCount
        self.sha256 = sha256
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.subject = subject
        self.issuer = issuer
    }
}

extension ServerCertificate {
    /// Returns nil if no certificate was received.
    init?(_ seen: portico_curl_certificate) {
        guard seen.seen == 1 else { return nil }
        issue = seen.error == 0 ? nil : String(cString: portico_curl_certificate_error(seen.error))
        matchesHost = seen.matches_host == 1
        isSelfSigned = seen.is_self_signed == 1
        sentCount = Int(seen.sent)
        sha256 = withUnsafeBytes(of: seen.sha256) { Array($0) }
        notBefore = Date(timeIntervalSince1970: Double(seen.not_before))
        notAfter = Date(timeIntervalSince1970: Double(seen.not_after))
        subject = Self.text(seen.subject)
        issuer = Self.text(seen.issuer)
    }

    private static func text<Field>(_ field: Field) -> String {
        withUnsafeBytes(of: field) { String(streamSafe: $0.prefix { $0 != 0 }) }
    }
}
