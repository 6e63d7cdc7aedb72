import Captive
import Foundation
import OAuth
import Testing

@Suite struct TransactionTests {
    @Test func `a transaction can be sealed and opened`() async throws {
        let fixture = try SignInFixture()
        for provider in AuthIntegration.Provider.allCases {
            var transaction = try await fixture.begin(fixture.integration(provider))
            transaction.context = [1, 2, 3]
            transaction.createdAt = Date(timeIntervalSince1970: 1_800_000_000)
            #expect(SignInTransaction(message: transaction.message) == transaction)
            for count in 0..<(transaction.message.count - 3) {
                #expect(SignInTransaction(message: Array(transaction.message.prefix(count))) != transaction)
            }
        }
        await fixture.stop()
    }

    @Test func `every sign-in has its own verifier, nonce and id`() async throws {
        let fixture = try SignInFixture()
        let integration = fixture.integration(.google)
        let (first, second) = (try await fixture.begin(integration), try await fixture.begin(integration))
        #expect(first.verifier != second.verifier && first.nonce != second.nonce && first.id != second.id)
        #expect(first.verifier?.utf8.count == 43)
        await fixture.stop()
    }

    @Test(arguments: AuthIntegration.Provider.allCases)
    func `the authorization request contains all protections`(
        _ provider: AuthIntegration.Provider
    ) async throws {
        let fixture = try SignInFixture()
        let (transaction, url) = try await fixture.signIn.begin(
            fixture.integration(provider), redirectURI: "http://portal.test/oauth/x/callback", browser: "b", context: []
        )
        let query = try #require(URLComponents(string: url("the state"))?.queryItems)
        let fields = Dictionary(query.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
        #expect(fields["response_type"] == "code" && fields["state"] == "the state")
        #expect(fields["redirect_uri"] == "http://portal.test/oauth/x/callback")
        #expect(fields["code_challenge_method"] == "S256" && fields["prompt"] == "select_account")
        #expect(fields["nonce"] == (provider == .github ? nil : transaction.nonce))
        #expect(!url("s").contains(transaction.verifier ?? "?") && !url("s").contains(Client.secret))
        await fixture.stop()
    }

    @Test func `an Enterprise Server without PKCE gets no code challenge`() async throws {
        let fixture = try SignInFixture(pkce: false)
        let (transaction, url) = try await fixture.signIn.begin(
            fixture.integration(.github), redirectURI: "http://portal.test/x", browser: "b", context: [])
        #expect(transaction.verifier == nil && !url("s").contains("code_challenge"))
        await fixture.stop()
    }

    @Test(arguments: [AuthIntegration.Provider.google, .github])
    func `a custom provider address needs only its own host`(
        _ provider: AuthIntegration.Provider
    ) throws {
        #expect(try SignInFixture().signIn.walledGardenHosts(for: provider) == ["127.0.0.1"])
    }

    @Test func `no provider's hosts contain a probe host`() throws {
        let fixture = try SignInFixture()
        let probes = [
            "connectivitycheck.gstatic.com", "clients3.google.com", "play.googleapis.com", "www.google.com",
            "www.gstatic.com", "captive.apple.com",
        ]
        for provider in AuthIntegration.Provider.allCases {
            let hosts = fixture.signIn.walledGardenHosts(for: provider)
            #expect(!hosts.isEmpty && Set(hosts).isDisjoint(with: probes))
            #expect(!hosts.contains("*.gstatic.com") && !hosts.contains("*.google.com"))
        }
    }
}
