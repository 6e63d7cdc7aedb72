import Captive
import Foundation
import HTTPServer
import OAuth
import Pages
import Storage

/// `test_url`: an admin runs the real sign-in flow of an integration, without a router and without a session.
extension GuestPortal {
    /// The page that shows the addresses to register and open, the results of the automatic checks, and the start
    /// button.
    func authTestPage(_ request: Request) async throws -> Response {
        let (integration, _) = try await tested(request)
        let redirectURI = signIns.redirectURI(integration.provider)
        let checks = await signIns.signIn.diagnose(integration, redirectURI: redirectURI)
        return report(AuthTestReport(integration, stage: .before, checks: checks, redirectURI: redirectURI), request)
    }

    /// Sends the admin's browser to the provider.
    func startAuthTest(_ request: Request) async throws -> Response {
        let (integration, until) = try await tested(request)
        do throws(SignInFailure) {
            return try await redirect(toProviderOf: integration, .test(until: until), request)
        } catch {
            return report(failed(error, integration, until), request)
        }
    }

    /// The page for the provider's answer to a test. `trouble` is the problem that would stop a guest.
    func report(
        _ answer: AuthorizationResponse, _ transaction: SignInTransaction, _ trouble: SignInTrouble?, until: Date,
        _ request: Request
    ) async throws -> Response {
        guard let integration = try await store.integration(transaction.integrationID) else {
            throw GuestRefusal(.missing)
        }
        if let trouble {
            let report = AuthTestReport(
                integration, stage: .failed, checks: [CheckResult("state", passed: false, trouble.rawValue)],
                redirectURI: transaction.redirectURI, again: testPath(integration.id, until))
            return self.report(report.with(trouble), request)
        }
        do throws(SignInFailure) {
            let result = try await signIns.signIn.finish(answer, transaction, integration)
            var report = AuthTestReport(
                integration, stage: .passed, checks: Self.stateChecks + result.checks,
                redirectURI: transaction.redirectURI, again: testPath(integration.id, until))
            report.identity = result.identity
            report.claims = result.claims
            return self.report(report, request)
        } catch {
            return report(failed(error, integration, until), request)
        }
    }

    private static let stateChecks = [
        CheckResult("state", passed: true, "sealed by this portal, for this provider, used for the first time"),
        CheckResult("browser", passed: true, "the one that began the sign-in"),
    ]

    private func failed(_ failure: SignInFailure, _ integration: AuthIntegration, _ until: Date) -> AuthTestReport {
        let redirectURI = signIns.redirectURI(integration.provider)
        var report = AuthTestReport(
            integration, stage: .failed, checks: failure.checks, redirectURI: redirectURI,
            again: testPath(integration.id, until))
        report.failure = failure
        report.guide = failure.guide(integration, redirectURI: redirectURI)
        return report
    }

    private func report(_ report: AuthTestReport, _ request: Request) -> Response {
        var report = report
        report.hosts = signIns.signIn.walledGardenHosts(for: report.integration.provider)
        report.madeAt = now()
        return pages.authTest(report.values, status: .ok)
    }

    /// Returns the integration that a signed address names, and the time until which the address is valid.
    private func tested(_ request: Request) async throws -> (AuthIntegration, until: Date) {
        let expires = request.queryValue("expires")
        do throws(SignedURL.Failure) {
            try signIns.signatures.check(
                request.path, expires: expires, signature: request.queryValue("signature"), now: now())
        } catch {
            throw GuestRefusal(error == .expired ? .linkExpired : .linkInvalid, status: .forbidden)
        }
        guard let id = request.pathParameters["integrationId"].flatMap(UUID.init(uuidString:)),
            let integration = try await store.integration(id)
        else { throw GuestRefusal(.missing) }
        return (integration, Date(timeIntervalSince1970: expires.flatMap(Double.init) ?? 0))
    }

    private func testPath(_ id: UUID, _ until: Date) -> String {
        signIns.signatures.sign("/auth-test/\(id.text)", expires: until)
    }
}
