internal import Captive
internal import HTTPClient

/// Examines one integration in use: its provider, its address for the way back, its test page.
struct SignInChecks: Sendable {
    let integration: AuthIntegration
    let directory: SignInDirectory
    let portal: PortalChecks

    func run() async -> [Finding] {
        async let provider = examineProvider()
        async let page = examineTestPage()
        return await [provider, RedirectURICheck(door: portal.door, integration, directory).finding, page]
            + [secret, window].compactMap(\.self)
    }

    private func examineProvider() async -> Finding {
        let checks = await directory.diagnose(integration)
        guard let failed = checks.first(where: { !$0.passed }) else {
            return finding(
                .signInProvider, .ok, "\(integration.name): the provider answers and knows the portal.",
                evidence: checks.map(\.name))
        }
        return finding(
            .signInProvider, .problem, "\(integration.name): \(failed.name): \(failed.detail)",
            remedy: "Correct the integration, then open its test_url.", evidence: checks.map(\.name))
    }

    /// The page's address is signed, and stays here.
    private func examineTestPage() async -> Finding {
        let url = portal.door.origin + directory.testPath(integration.id)
        do throws(HTTPClientError) {
            let answer = try await portal.get(url, [("Accept", "text/html")])
            guard answer.status == 200 else {
                return pageFailed("its test page answers with status \(answer.status)")
            }
            return finding(.signInTestPage, .ok, "\(integration.name): its test page opens.")
        } catch {
            return pageFailed("its test page does not open: \(error.words)")
        }
    }

    private func pageFailed(_ words: String) -> Finding {
        finding(
            .signInTestPage, .warning, "\(integration.name): \(words).",
            remedy: "See what the portal's log says of it.")
    }

    /// Entra's secrets end after at most two years, and only Entra knows when.
    private var secret: Finding? {
        guard integration.provider == .azure else { return nil }
        return finding(
            .signInSecret, .advice, "\(integration.name): the portal cannot see when the client secret ends.",
            remedy:
                "Note its end in Microsoft Entra (App registrations, Certificates and secrets), and renew it in time.")
    }

    private var window: Finding? {
        guard integration.provider == .google else { return nil }
        return finding(
            .signInWindow, .advice,
            "\(integration.name): Google does not show its page in the sign-in windows of phones; the portal hands guests over to a browser.",
            remedy: "Offer coupons or another provider beside it, if guests find that hard.")
    }

    private func finding(
        _ check: Finding.Check, _ severity: Finding.Severity, _ summary: String, remedy: String? = nil,
        evidence: [String] = []
    ) -> Finding {
        Finding(check, severity, summary, subject: integration.name, remedy: remedy, evidence: evidence)
    }
}
