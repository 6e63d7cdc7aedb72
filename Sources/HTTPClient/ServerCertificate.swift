internal import CCurl
package import Foundation

/// A certificate that a server showed, and what can be held against it.
package struct ServerCertificate: Sendable, Equatable {
    /// Why the chain does not lead to a known authority, or is not valid now, in OpenSSL's words; nil if it is sound.
    package var flaw: String?
    /// Whether it is for the host of the request (RFC 9110 section 4.3.4).
    package var matchesHost: Bool
    package var isSelfSigned: Bool
    /// Certificates that the server sent, its own included.
    package var sentCount: Int
    /// Of the DER form.
    package var sha256: [UInt8]
    package var notBefore: Date
    package var notAfter: Date
    /// The common name, or the organization's; empty if it has neither.
    package var subject: String
    /// As `subject`.
    package var issuer: String

    /// A certificate made of parts, for tests.
    package init(
        flaw: String? = nil, matchesHost: Bool = true, isSelfSigned: Bool = false, sentCount: Int = 2,
        sha256: [UInt8] = Array(repeating: 0, count: 32), notBefore: Date, notAfter: Date, subject: String = "",
        issuer: String = ""
    ) {
        self.flaw = flaw
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
    /// Nil if no certificate has been seen.
    init?(_ seen: portico_curl_certificate) {
        guard seen.seen == 1 else { return nil }
        flaw = seen.error == 0 ? nil : String(cString: portico_curl_certificate_error(seen.error))
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
        withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
