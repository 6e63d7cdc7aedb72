import Captive
import Foundation
import OAuth
import Testing

/// Invalid tokens, each rejected by its own check.
@Suite struct InvalidTokenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var kind: SignInFailure.Kind
        var check: String
        var provider = AuthIntegration.Provider.google
        var tenant: String?
        var fault: @Sendable (inout HostileProvider.Faults) -> Void
        var testDescription: String { name }
    }

    private static let hour = Int(Date().timeIntervalSince1970)

    static let cases = [
        Case(name: "another issuer", kind: .issuerMismatch, check: "iss") { $0.claims["iss"] = "https://evil.example" },
        Case(name: "another audience", kind: .audienceMismatch, check: "aud") { $0.claims["aud"] = "another-client" },
        Case(name: "no audience", kind: .audienceMismatch, check: "aud") { $0.claims["aud"] = .some(nil) },
        Case(name: "two audiences and no party", kind: .authorizedPartyMismatch, check: "azp") {
            $0.claims["aud"] = [Client.id, "other"]
        },
        Case(name: "another party", kind: .authorizedPartyMismatch, check: "azp") { $0.claims["azp"] = "other" },
        Case(name: "another nonce", kind: .nonceMismatch, check: "nonce") { $0.claims["nonce"] = "theirs" },
        Case(name: "no nonce", kind: .nonceMismatch, check: "nonce") { $0.claims["nonce"] = .some(nil) },
        Case(name: "expired", kind: .expired, check: "exp") { $0.claims["exp"] = hour - 3_600 },
        Case(name: "no expiry", kind: .expired, check: "exp") { $0.claims["exp"] = .some(nil) },
        Case(name: "not yet valid", kind: .notYetValid, check: "nbf") { $0.claims["nbf"] = hour + 3_600 },
        Case(name: "issued in the future", kind: .issuedInFuture, check: "iat") { $0.claims["iat"] = hour + 3_600 },
        Case(name: "no subject", kind: .subjectMissing, check: "sub") { $0.claims["sub"] = .some(nil) },
        Case(name: "unsigned", kind: .algorithmRefused, check: "alg") { $0.signing = .none },
        Case(name: "signed with the public key", kind: .algorithmRefused, check: "alg") {
            $0.signing = .hs256WithPublicKey
        },
        Case(name: "HS256 declared as RS256", kind: .signatureInvalid, check: "signature") {
            $0.signing = .hs256WithPublicKey
            $0.header["alg"] = "RS256"
        },
        Case(name: "signed with another key", kind: .signatureInvalid, check: "signature") { $0.signing = .otherKey },
        Case(name: "an unknown key", kind: .keyUnknown, check: "key") { $0.header["kid"] = "unknown" },
        Case(name: "no key id", kind: .keyIDMissing, check: "kid") { $0.header["kid"] = .some(nil) },
        Case(name: "another Workspace domain", kind: .domainRefused, check: "hd", tenant: "aurora.example") {
            $0.claims["hd"] = "evil.example"
        },
        Case(name: "a private account for a Workspace", kind: .domainRefused, check: "hd", tenant: "aurora.example") {
            _ in
        },
        Case(name: "an invalid directory", kind: .issuerMismatch, check: "iss", provider: .azure) {
            $0.claims["tid"] = "../evil"
        },
        Case(
            name: "another directory than the configured one", kind: .issuerMismatch, check: "iss", provider: .azure,
            tenant: "0c9d8e7f-6a5b-4c3d-9e1f-0a9b8c7d6e5f"
        ) { _ in },
        Case(
            name: "a directory that does not match the issuer", kind: .tenantRefused, check: "tid", provider: .azure,
            tenant: "6f1c2d3e-4a5b-4c6d-8e7f-9a0b1c2d3e4f"
        ) { $0.claims["tid"] = "0c9d8e7f-6a5b-4c3d-9e1f-0a9b8c7d6e5f" },
        Case(name: "another directory's key", kind: .keyIssuerMismatch, check: "key issuer", provider: .azure) {
            $0.keyFields["issuer"] = "https://login.example/0c9d8e7f-6a5b-4c3d-9e1f-0a9b8c7d6e5f/v2.0"
        },
    ]

    @Test(arguments: cases) func `an invalid token is rejected by its own check`(
        _ test: Case
    ) async throws {
        let fixture = try SignInFixture()
        fixture.provider.set(test.fault)
        let failure = await fixture.failure(test.provider, tenant: test.tenant)
        #expect(failure?.kind == test.kind)
        #expect(failure?.checks.last?.name == test.check)
        #expect(failure?.checks.last?.passed == false)
        #expect(failure?.checks.dropLast().contains { !$0.passed } == false)
        await fixture.stop()
    }

    @Test(arguments: AuthIntegration.Provider.allCases) func `a valid token is accepted`(
        _ provider: AuthIntegration.Provider
    ) async throws {
        let fixture = try SignInFixture()
        let result = try await fixture.run(provider)
        #expect(result.identity.subject == (provider == .github ? "42" : "person-1"))
        #expect(result.checks.filter { !$0.passed }.isEmpty)
        await fixture.stop()
    }

    @Test func `a personal account is rejected where only organisations are allowed`() async throws {
        let fixture = try SignInFixture()
        let personal = "9188040d-6c67-4c5b-b112-36a304b66dad"
        fixture.provider.set {
            $0.claims["tid"] = personal
            $0.claims["iss"] = fixture.origin + "/ms/\(personal)/v2.0"
        }
        #expect(await fixture.failure(.azure, tenant: "organizations")?.kind == .tenantRefused)
        #expect(await fixture.failure(.azure, tenant: "common") == nil)
        await fixture.stop()
    }

    @Test func `no failure contains a secret or a token`() async throws {
        for test in Self.cases {
            let fixture = try SignInFixture()
            fixture.provider.set(test.fault)
            let failure = "\(String(describing: await fixture.failure(test.provider, tenant: test.tenant)))"
            #expect(
                !failure.contains(Client.secret) && !failure.contains("secret-access-token") && !failure.contains("eyJ")
            )
            await fixture.stop()
        }
    }
}
