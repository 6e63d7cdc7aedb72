import Captive
import Foundation
import OAuth
import Testing

@Suite struct TransactionTests {
    @Test func `a transaction survives being sealed`() async throws {
        let attack = try Attack()
        for provider in AuthIntegration.Provider.allCases {
            var transaction = try await attack.begin(attack.integration(provider))
            transaction.context = [1, 2, 3]
            transaction.createdAt = Date(timeIntervalSince1970: 1_800_000_000)
            #expect(SignInTransaction(message: transaction.message) == transaction)
            for count in 0..<(transaction.message.count - 3) {
                #expect(SignInTransaction(message: Array(transaction.message.prefix(count))) != transaction)
            }
        }
        await attack.stop()
    }

    @Test func `every try has a verifier, a nonce and an id of its own`() async throws {
        let attack = try Attack()
        let integration = attack.integration(.google)
        let (first, second) = (try await attack.begin(integration), try await attack.begin(integration))
        #expect(first.verifier != second.verifier && first.nonce != second.nonce && first.id != second.id)
        #expect(first.verifier?.utf8.count == 43)
        await attack.stop()
    }

    @Test(arguments: AuthIntegration.Provider.allCases)
    func `the provider is asked for a code with all that protects it`(
        _ provider: AuthIntegration.Provider
    ) async throws {
        let attack = try Attack()
        let (transaction, url) = try await attack.signIn.begin(
            attack.integration(provider), redirectURI: "http://portal.test/oauth/x/callback", browser: "b", context: [])
        let query = try #require(URLComponents(string: url("the state"))?.queryItems)
        let fields = Dictionary(query.map { ($0.name, $0.value ?? "") }, uniquingKeysWith: { first, _ in first })
        #expect(fields["response_type"] == "code" && fields["state"] == "the state")
        #expect(fields["redirect_uri"] == "http://portal.test/oauth/x/callback")
        #expect(fields["code_challenge_method"] == "S256" && fields["prompt"] == "select_account")
        #expect(fields["nonce"] == (provider == .github ? nil : transaction.nonce))
        #expect(!url("s").contains(transaction.verifier ?? "?") && !url("s").contains(Client.secret))
        await attack.stop()
    }

    @Test func `an Enterprise Server that refuses PKCE is not sent any`() async throws {
        let attack = try Attack(pkce: false)
        let (transaction, url) = try await attack.signIn.begin(
            attack.integration(.github), redirectURI: "http://portal.test/x", browser: "b", context: [])
        #expect(transaction.verifier == nil && !url("s").contains("code_challenge"))
        await attack.stop()
    }

    @Test(arguments: [AuthIntegration.Provider.google, .github])
    func `a provider of one's own in a known one's place needs none of its hosts`(
        _ provider: AuthIntegration.Provider
    ) throws {
        #expect(try Attack().signIn.walledGardenHosts(for: provider) == ["127.0.0.1"])
    }

    @Test func `no walled garden holds a host that phones probe`() throws {
        let attack = try Attack()
        let probes = [
            "connectivitycheck.gstatic.com", "clients3.google.com", "play.googleapis.com", "www.google.com",
            "www.gstatic.com", "captive.apple.com",
        ]
        for provider in AuthIntegration.Provider.allCases {
            let hosts = attack.signIn.walledGardenHosts(for: provider)
            #expect(!hosts.isEmpty && Set(hosts).isDisjoint(with: probes))
            #expect(!hosts.contains("*.gstatic.com") && !hosts.contains("*.google.com"))
        }
    }
}
