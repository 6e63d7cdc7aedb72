import Captive
import Foundation
import HTTPServer
import OAuth
import Synchronization
import Testing

/// Responses of browsers and servers that must fail the sign-in.
@Suite struct InvalidResponseTests {
    @Test(arguments: AuthIntegration.Provider.allCases)
    func `a wrong issuer fails before the token request`(
        _ provider: AuthIntegration.Provider
    ) async throws {
        let fixture = try SignInFixture()
        let failure = await fixture.failure(provider, query: "code=abc&iss=https%3A%2F%2Fevil.example")
        #expect(failure?.kind == .answerIssuerMismatch)
        #expect(failure?.checks.last?.name == "response issuer")
        #expect(fixture.provider.count(of: "token") == 0)
        await fixture.stop()
    }

    @Test func `an announced issuer must be present`() async throws {
        let fixture = try SignInFixture()
        fixture.provider.set { $0.documentFields["authorization_response_iss_parameter_supported"] = true }
        #expect(await fixture.failure(.google)?.kind == .answerIssuerMissing)
        let issuer = fixture.origin.replacing(":", with: "%3A").replacing("/", with: "%2F") + "%2Fgoogle"
        #expect(await fixture.failure(.google, query: "code=abc&iss=\(issuer)") == nil)
        await fixture.stop()
    }

    @Test(arguments: ["code=a&code=b", "code=a&error=x&error=y", "code=a&iss=x&iss=x"])
    func `a repeated parameter is rejected`(_ query: String) async throws {
        let fixture = try SignInFixture()
        let failure = await fixture.failure(.google, query: query)
        #expect(failure?.kind == .callbackMalformed && failure?.checks.last?.name == "parameters")
        #expect(fixture.provider.count(of: "token") == 0)
        await fixture.stop()
    }

    @Test func `an integration rejects another integration's response`() async throws {
        let fixture = try SignInFixture()
        let transaction = try await fixture.begin(fixture.integration(.google))
        await #expect(throws: SignInFailure.self) {
            try await fixture.signIn.finish(
                AuthorizationResponse(query: "code=abc"), transaction, fixture.integration(.azure))
        }
        #expect(fixture.provider.count(of: "token") == 0)
        await fixture.stop()
    }

    @Test func `the code is sent to the transaction's token endpoint, with its verifier`() async throws {
        let fixture = try SignInFixture()
        let integration = fixture.integration(.google)
        let transaction = try await fixture.begin(integration)
        fixture.provider.set { $0.documentFields["token_endpoint"] = "http://127.0.0.1:1/elsewhere" }
        _ = try await fixture.signIn.finish(AuthorizationResponse(query: "code=4%2F0abc"), transaction, integration)
        let form = try #require(fixture.provider.tokenForms.withLock { $0.first })
        #expect(form.contains("code=4%2F0abc") && form.contains("code_verifier=\(transaction.verifier ?? "none")"))
        await fixture.stop()
    }

    static let errors: [(String, SignInFailure.Kind, SignInFailure.GuestReason)] = [
        ("error=access_denied", .denied, .denied),
        ("error=access_denied&error_description=AADSTS65004%3A+declined", .denied, .denied),
        ("error=access_denied&error_description=AADSTS50105%3A+not+assigned", .accountRefused, .account),
        ("error=consent_required&error_description=AADSTS90094%3A+admin", .consentRequired, .consent),
        ("error=invalid_client&error_description=AADSTS7000222%3A+expired", .secretExpired, .setup),
        ("error=temporarily_unavailable", .unavailable, .providerDown),
        ("error=interaction_required", .interactionRequired, .signinLost),
        ("error=something_new&error_description=AADSTS999999999%3A+new", .requestRefused, .setup),
    ]

    @Test(arguments: errors) func `an error response has its own failure kind`(
        _ query: String, _ kind: SignInFailure.Kind, _ reason: SignInFailure.GuestReason
    ) async throws {
        let fixture = try SignInFixture()
        let failure = await fixture.failure(.azure, query: query)
        #expect(failure?.kind == kind && failure?.guestReason == reason)
        #expect(failure?.providerMessage != nil)
        await fixture.stop()
    }

    @Test func `an error with status 200 is an error`() async throws {
        let fixture = try SignInFixture()
        let body = #"{"error":"bad_verification_code","error_description":"expired","access_token":"x"}"#
        fixture.provider.set { $0.answers["/access_token"] = Response(.ok, body: .bytes(Array(body.utf8))) }
        #expect(await fixture.failure(.github)?.kind == .codeRefused)
        #expect(fixture.provider.count(of: "/user") == 0)
        await fixture.stop()
    }

    @Test func `a form-encoded response is read, with its error`() async throws {
        let fixture = try SignInFixture()
        let headers: Headers = ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"]
        func answer(_ text: String) -> Response { Response(.ok, headers: headers, body: .bytes(Array(text.utf8))) }
        fixture.provider.set { $0.answers["/access_token"] = answer("access_token=abc&scope=user%3Aemail") }
        #expect(await fixture.failure(.github) == nil)
        fixture.provider.set { $0.answers["/access_token"] = answer("error=incorrect_client_credentials") }
        #expect(await fixture.failure(.github)?.kind == .secretWrong)
        await fixture.stop()
    }

    @Test(arguments: ["/.well-known/openid-configuration", "/token", "/keys"])
    func `no redirect is followed`(_ path: String) async throws {
        let fixture = try SignInFixture()
        fixture.provider.set { $0.answers[path] = .redirect(.found, to: fixture.origin + "/google" + path) }
        #expect(await fixture.failure(.google)?.kind == .redirected)
        #expect(fixture.provider.count(of: path) == 1)
        await fixture.stop()
    }

    @Test(arguments: ["/.well-known/openid-configuration", "/token", "/keys"])
    func `an endless response is aborted`(_ path: String) async throws {
        let fixture = try SignInFixture()
        let huge = Response(.ok, body: .bytes([UInt8](repeating: 0x20, count: 4 << 20)))
        fixture.provider.set { $0.answers[path] = huge }
        #expect(await fixture.failure(.google)?.kind == .answerTooLarge)
        await fixture.stop()
    }

    @Test(arguments: ["", "[]", "{", "null", #"{"issuer":1}"#, "<html>"])
    func `an invalid document is rejected`(_ body: String) async throws {
        let fixture = try SignInFixture()
        fixture.provider.set { $0.answers["/openid-configuration"] = Response(.ok, body: .bytes(Array(body.utf8))) }
        #expect(await fixture.failure(.google)?.kind == .answerMalformed)
        await fixture.stop()
    }

    @Test(arguments: ["", "[]", "{", "null", "{}", #"{"id_token":5}"#])
    func `an invalid token response is rejected`(_ body: String) async throws {
        let fixture = try SignInFixture()
        fixture.provider.set { $0.answers["/token"] = Response(.ok, body: .bytes(Array(body.utf8))) }
        #expect(await fixture.failure(.google)?.kind == .answerMalformed)
        await fixture.stop()
    }

    @Test func `a document with another issuer is rejected`() async throws {
        for provider in [AuthIntegration.Provider.azure, .google] {
            let fixture = try SignInFixture()
            fixture.provider.set { $0.documentFields["issuer"] = "https://evil.example" }
            #expect(await fixture.failure(provider)?.kind == .issuerMismatch)
            await fixture.stop()
        }
    }
}
