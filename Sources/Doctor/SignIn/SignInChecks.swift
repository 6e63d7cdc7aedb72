internal import Captive
internal import HTTPClient

/// Checks one integration in use: provider, redirect URI and test page.
struct SignInChecks: Sendable {
    let integration: AuthIntegration
    let directory: SignInDirectory
    let portal: PortalChecks

    func run() async -> [Finding] {
        async let provider = examineProvider()
        async let page = examineTestPage()
        return await [provider, RedirectURICheck(endpoints: portal.endpoints, integration, directory).finding, page]
            + [secret, window].compactMap(\.self)
    }

    private func examineProvider() async -> Finding {
        let checks = await directory.diagnose(integration)
        guard let failed = checks.first(where: { !$0.passed }) else {
            return finding(
                .signInProvider, .ok, "\(integration.name): the provider responds and accepts the client.",
                evidence: checks.map(\.name))
        }
        return finding(
            .signInProvider, .problem, "\(integration.name): \(failed.name): \(failed.detail)",
            remedy: "Correct the integration, then test it with its test_url.", evidence: checks.map(\.name))
    }

    /// The finding does not contain the address, which is signed.
    private func examineTestPage() async -> Finding {
        let url = portal.endpoints.origin + directory.testPath(integration.id)
        do throws(HTTPClientError) {
            let answer = try await portal.get(url, [("Accept", "text/html")])
            guard answer.status == 200 else {
                return pageFailed("its test page returns status \(answer.status)")
            }
            return finding(.signInTestPage, .ok, "\(integration.name): its test page opens.")
        } catch {
            return pageFailed("its test page does not open: \(error.phrase)")
        }
    }

    private func pageFailed(_ text: String) -> Finding {
        finding(
            .signInTestPage, .warning, "\(integration.name): \(text).",
            remedy: "Read the portal's log.")
    }

    /// Entra's client secrets expire after at most two years. The expiry date is visible in Entra only.
    private var secret: Finding? {
        guard integration.provider == .azure else { return nil }
        return finding(
            .signInSecret, .advice, "\(integration.name): the portal cannot read the expiry date of the client secret.",
            remedy:
                "Look up the date in Microsoft Entra (App registrations, Certificates and secrets), and renew the secret in time."
        )
    }

    private var window: Finding? {
        guard integration.provider == .google else { return nil }
        return finding(
            .signInWindow, .advice,
            "\(integration.name): Google does not allow its sign-in page in the sign-in windows of phones; the portal hands guests over to a browser.",
            remedy: "Offer coupons or another provider too if guests have difficulties.")
    }

    private func finding(
        _ check: Finding.Check, _ severity: Finding.Severity, _ summary: String, remedy: String? = nil,
        evidence: [String] = []
    ) -> Finding {
        Finding(check, severity, summary, subject: integration.name, remedy: remedy, evidence: evidence)
    }
}
