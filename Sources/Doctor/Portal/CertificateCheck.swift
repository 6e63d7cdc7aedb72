internal import Captive
internal import Foundation
internal import HTTPClient
internal import NetworkAddress

/// What guests' devices hold against the portal's certificate.
struct CertificateCheck {
    let certificate: ServerCertificate
    let host: String
    let now: Date

    /// Seconds before its end at which a certificate should have been renewed.
    private static let renewal: TimeInterval = 21 * 86_400

    /// Everything that is wrong with it, or one finding that says it is well.
    var findings: [Finding] {
        let flaws = [name, dates, chain].compactMap(\.self)
        return flaws.isEmpty ? [finding(.ok, "The certificate is one that guests' devices accept.", nil)] : flaws
    }

    private var name: Finding? {
        guard !certificate.matchesHost else { return nil }
        return finding(
            .problem, "The certificate is not for \(host).",
            "Get one for that name, or set public_url to a name that it holds.")
    }

    private var dates: Finding? {
        let left = certificate.notAfter.timeIntervalSince(now)
        if left < 0 {
            return finding(.problem, "The certificate ended on \(day(certificate.notAfter)).", "Renew it now.")
        }
        if certificate.notBefore > now {
            return finding(
                .problem, "The certificate begins only on \(day(certificate.notBefore)).",
                "Check the clock of the portal's machine, or get another certificate.")
        }
        guard left < Self.renewal else { return nil }
        return finding(
            .warning,
            "The certificate ends on \(day(certificate.notAfter)), in \(Int(saturating: left / 86_400)) days.",
            "Renew it, and see why that has not happened by itself.")
    }

    private var chain: Finding? {
        guard let flaw = certificate.flaw, !isOnlyAboutDates else { return nil }
        if certificate.isSelfSigned {
            return finding(
                .problem, "The certificate is signed by itself; no device trusts it.",
                "Get one from a public authority, such as Let's Encrypt.")
        }
        if certificate.sentCount == 1 {
            return finding(
                .problem,
                "The certificate does not lead to a public authority: no intermediate certificate is sent with it.",
                "Put the authority's intermediate certificates after the portal's own into the file of https.certificate."
            )
        }
        return finding(
            .problem, "The certificate does not lead to a public authority: \(flaw).",
            "Get one from a public authority, and send its intermediate certificates along.")
    }

    /// A chain is sound that fails for its date alone, which `dates` tells.
    private var isOnlyAboutDates: Bool {
        certificate.flaw == "certificate has expired" || certificate.flaw == "certificate is not yet valid"
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
