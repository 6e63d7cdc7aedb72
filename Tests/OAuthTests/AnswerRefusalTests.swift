import Captive
import Foundation
import HTTPServer
import OAuth
import Synchronization
import Testing

/// Answers of a browser or a server that must lead nowhere.
@Suite struct AnswerRefusalTests {
    @Test(arguments: AuthIntegration.Provider.allCases)
    func `an issuer that is not the one asked ends it before any token is asked for`(
        _ provider: AuthIntegration.Provider
    ) async throws {
        let attack = try Attack()
        let failure = await attack.failure(provider, query: "code=abc&iss=https%3A%2F%2Fevil.example")
        #expect(failure?.kind == .answerIssuerMismatch)
        #expect(failure?.checks.last?.name == "iss of the answer")
        #expect(attack.provider.count(of: "token") == 0)
        await attack.stop()
    }

    @Test func `an issuer that was promised must come`() async throws {
        let attack = try Attack()
        attack.provider.set { $0.documentFields["authorization_response_iss_parameter_supported"] = true }
        #expect(await attack.failure(.google)?.kind == .answerIssuerMissing)
        let issuer = attack.origin.replacing(":", with: "%3A").replacing("/", with: "%2F") + "%2Fgoogle"
        #expect(await attack.failure(.google, query: "code=abc&iss=\(issuer)") == nil)
        await attack.stop()
    }

    @Test(arguments: ["code=a&code=b", "code=a&error=x&error=y", "code=a&iss=x&iss=x"])
    func `a parameter that is repeated is refused`(_ query: String) async throws {
        let attack = try Attack()
        let failure = await attack.failure(.google, query: query)
        #expect(failure?.kind == .callbackMalformed && failure?.checks.last?.name == "parameters")
        #expect(attack.provider.count(of: "token") == 0)
        await attack.stop()
    }

    @Test func `an integration does not take another's answer`() async throws {
        let attack = try Attack()
        let transaction = try await attack.begin(attack.integration(.google))
        await #expect(throws: SignInFailure.self) {
            try await attack.signIn.finish(
                AuthorizationResponse(query: "code=abc"), transaction, attack.integration(.azure))
        }
        #expect(attack.provider.count(of: "token") == 0)
        await attack.stop()
    }

    @Test func `the code goes where it was remembered to go, with the proof of this try`() async throws {
        let attack = try Attack()
        let integration = attack.integration(.google)
        let transaction = try await attack.begin(integration)
        attack.provider.set { $0.documentFields["token_endpoint"] = "http://127.0.0.1:1/elsewhere" }
        _ = try await attack.signIn.finish(AuthorizationResponse(query: "code=4%2F0abc"), transaction, integration)
        let form = try #require(attack.provider.tokenForms.withLock { $0.first })
        #expect(form.contains("code=4%2F0abc") && form.contains("code_verifier=\(transaction.verifier ?? "none")"))
        await attack.stop()
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

    @Test(arguments: errors) func `an error in the answer is told apart`(
        _ query: String, _ kind: SignInFailure.Kind, _ reason: SignInFailure.GuestReason
    ) async throws {
        let attack = try Attack()
        let failure = await attack.failure(.azure, query: query)
        #expect(failure?.kind == kind && failure?.guestReason == reason)
        #expect(failure?.words != nil)
        await attack.stop()
    }

    @Test func `an error with status 200 is an error`() async throws {
        let attack = try Attack()
        let body = #"{"error":"bad_verification_code","error_description":"expired","access_token":"x"}"#
        attack.provider.set { $0.answers["/access_token"] = Response(.ok, body: .bytes(Array(body.utf8))) }
        #expect(await attack.failure(.github)?.kind == .codeRefused)
        #expect(attack.provider.count(of: "/user") == 0)
        await attack.stop()
    }

    @Test func `a form-encoded answer is understood, its error too`() async throws {
        let attack = try Attack()
        let headers: Headers = ["Content-Type": "application/x-www-form-urlencoded; charset=utf-8"]
        func answer(_ text: String) -> Response { Response(.ok, headers: headers, body: .bytes(Array(text.utf8))) }
        attack.provider.set { $0.answers["/access_token"] = answer("access_token=abc&scope=user%3Aemail") }
        #expect(await attack.failure(.github) == nil)
        attack.provider.set { $0.answers["/access_token"] = answer("error=incorrect_client_credentials") }
        #expect(await attack.failure(.github)?.kind == .secretWrong)
        await attack.stop()
    }

    @Test(arguments: ["/.well-known/openid-configuration", "/token", "/keys"])
    func `no redirect is followed`(_ path: String) async throws {
        let attack = try Attack()
        attack.provider.set { $0.answers[path] = .redirect(.found, to: attack.origin + "/google" + path) }
        #expect(await attack.failure(.google)?.kind == .redirected)
        #expect(attack.provider.count(of: path) == 1)
        await attack.stop()
    }

    @Test(arguments: ["/.well-known/openid-configuration", "/token", "/keys"])
    func `an answer without end is given up`(_ path: String) async throws {
        let attack = try Attack()
        let huge = Response(.ok, body: .bytes([UInt8](repeating: 0x20, count: 4 << 20)))
        attack.provider.set { $0.answers[path] = huge }
        #expect(await attack.failure(.google)?.kind == .answerTooLarge)
        await attack.stop()
    }

    @Test(arguments: ["", "[]", "{", "null", #"{"issuer":1}"#, "<html>"])
    func `a document that is none is refused`(_ body: String) async throws {
        let attack = try Attack()
        attack.provider.set { $0.answers["/openid-configuration"] = Response(.ok, body: .bytes(Array(body.utf8))) }
        #expect(await attack.failure(.google)?.kind == .answerMalformed)
        await attack.stop()
    }

    @Test(arguments: ["", "[]", "{", "null", "{}", #"{"id_token":5}"#])
    func `a token answer that is none is refused`(_ body: String) async throws {
        let attack = try Attack()
        attack.provider.set { $0.answers["/token"] = Response(.ok, body: .bytes(Array(body.utf8))) }
        #expect(await attack.failure(.google)?.kind == .answerMalformed)
        await attack.stop()
    }

    @Test func `a document that names another issuer is refused`() async throws {
        for provider in [AuthIntegration.Provider.azure, .google] {
            let attack = try Attack()
            attack.provider.set { $0.documentFields["issuer"] = "https://evil.example" }
            #expect(await attack.failure(provider)?.kind == .issuerMismatch)
            await attack.stop()
        }
    }
}
