import Captive
import Foundation
import OAuth
import Pages

/// The report of a test for an admin. It is in English, like the control API.
struct AuthTestReport {
    enum Stage { case before, passed, failed }

    var integration: AuthIntegration
    var stage: Stage
    var checks: [CheckResult]
    var redirectURI: String
    var again: String?
    var identity: GuestSession.Identity?
    var claims: [(name: String, value: String)] = []
    var failure: SignInFailure?
    var guide: FailureGuide?
    var hosts: [String] = []
    var madeAt = Date.distantPast

    init(
        _ integration: AuthIntegration, stage: Stage, checks: [CheckResult], redirectURI: String, again: String? = nil
    ) {
        self.integration = integration
        self.stage = stage
        self.checks = checks
        self.redirectURI = redirectURI
        self.again = again
    }

    /// Returns the report of a test whose return does not match its start.
    func with(_ trouble: GuestPortal.SignInTrouble) -> AuthTestReport {
        var report = self
        report.guide =
            switch trouble {
            case .provider:
                FailureGuide(cause: "The answer came from another provider.", remedy: "Check the redirect addresses.")
            case .browser:
                FailureGuide(
                    cause: "The answer came to another browser, or this one keeps no cookies.",
                    remedy: "Run the test in one browser, at \(redirectURI.components(separatedBy: "/oauth")[0]).")
            case .late: FailureGuide(cause: "Ten minutes are over.", remedy: "Run the test again.")
            case .replayed: FailureGuide(cause: "The answer was used before.", remedy: "Run the test again.")
            }
        return report
    }

    /// The values for the template.
    var values: [String: Any] {
        var values: [String: Any] = [
            "brand": "Sign-in test", "title": title, "name": integration.name, "wide": true,
            "provider": integration.provider.displayName, "clientID": integration.clientID,
            "redirectURI": redirectURI, "hosts": hosts, "madeAt": madeAt.formatted(.iso8601),
            "checks": checks.map {
                ["name": $0.name, "detail": $0.detail, "failed": $0.passed ? nil : true] as [String: Any?]
            }
            .map { $0.compactMapValues(\.self) },
        ]
        values["tenant"] = integration.tenant
        values["begin"] = stage == .before ? true : nil
        values["sign"] = stage == .before ? nil : stage == .passed ? "icons/check" : "icons/alert"
        values["again"] = again
        values["cause"] = guide?.cause
        values["remedy"] = guide?.remedy
        values["words"] = failure?.providerMessage
        values["reason"] = failure?.kind.rawValue
        values["hasClaims"] = claims.isEmpty ? nil : true
        values["claims"] = claims.map { ["name": $0.name, "value": $0.value] }
        values["person"] = identity.map {
            "\($0.name ?? "No name")\($0.email.map { ", \($0)" } ?? ", no e-mail address")"
        }
        values["subject"] = identity?.subject
        return values
    }

    private var title: String {
        switch stage {
        case .before: "Test “\(integration.name)”"
        case .passed: "Guests can sign in"
        case .failed: "Guests cannot sign in"
        }
    }
}
