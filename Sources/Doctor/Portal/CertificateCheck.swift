internal import Captive
internal import Foundation
internal import HTTPClient
internal import NetworkAddress

/// Checks the portal's certificate as guests' devices do.
struct CertificateCheck {
    let certificate: ServerCertificate
    let host: String
    let now: Date

    /// Seconds before expiry from which on a certificate should have been renewed.
    private static let renewal: TimeInterval = 21 * 86_400

    /// One finding per problem, or one `ok` finding.
    var findings: [Finding] {
        let issues = [name, dates, chain].compactMap(\.self)
        return issues.isEmpty ? [finding(.ok, "Guests' devices accept the certificate.", nil)] : issues
    }

    private var name: Finding? {
        guard !certificate.matchesHost else { return nil }
        return finding(
            .problem, "The certificate is not valid for \(host).",
            "Get a certificate for that name, or set public_url to a name that the certificate contains.")
    }

    private var dates: Finding? {
        let left = certificate.notAfter.timeIntervalSince(now)
        if left < 0 {
            return finding(
                .problem, "The certificate expired on \(day(certificate.notAfter)).", "Renew the certificate now.")
        }
        if certificate.notBefore > now {
            return finding(
                .problem, "The certificate is not valid before \(day(certificate.notBefore)).",
                "Check the clock of the portal's machine, or replace the certificate.")
        }
        guard left < Self.renewal else { return nil }
        return finding(
            .warning,
            "The certificate expires on \(day(certificate.notAfter)), in \(Int(saturating: left / 86_400)) days.",
            "Renew the certificate, and check why automatic renewal has not done so.")
    }

    private var chain: Finding? {
        guard let issue = certificate.issue, !isOnlyAboutDates else { return nil }
        if certificate.isSelfSigned {
            return finding(
                .problem, "The certificate is self-signed; no device will trust it.",
                "Get a certificate from a public authority, such as Let's Encrypt.")
        }
        if certificate.sentCount == 1 {
            return finding(
                .problem,
                "The certificate chain does not lead to a public authority: no intermediate certificate is sent.",
                "Append the authority's intermediate certificates to the file of https.certificate."
            )
        }
        return finding(
            .problem, "The certificate chain does not lead to a public authority: \(issue).",
            "Get a certificate from a public authority, and send its intermediate certificates with it.")
    }

    /// Whether the chain fails because of its dates alone, which `dates` reports.
    private var isOnlyAboutDates: Bool {
        certificate.issue == "certificate has expired" || certificate.issue == "certificate is not yet valid"
    }

    private func finding(_ severity: Finding.Severity, _ summary: String, _ remedy: String?) -> Finding {
        let digest = certificate.sha256.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return Finding(
            .portalCertificate, severity, summary, remedy: remedy,
            evidence: [
                "for \(certificate.subject), by \(certificate.issuer), until \(day(certificate.notAfter))",
                "sha256 \(digest)",
            ])
    }

    private func day(_ date: Date) -> String { String(date.formatted(.iso8601).prefix(10)) }
}
