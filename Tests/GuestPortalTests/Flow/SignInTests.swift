import Captive
import Foundation
import HTTPClient
import HTTPServer
import IdentityProviderSimulator
import Logging
import NetworkAddress
import Storage
import Testing

@testable import GuestPortal
@testable import OAuth

/// A guest's sign-in, from the page to the database, at the simulated providers over real sockets.
@Suite struct SignInTests {
    @Test(arguments: AuthIntegration.Provider.allCases) func `a sign-in is recorded with the session and authorized`(
        _ provider: AuthIntegration.Provider
    ) async throws {
        let hotel = try await SignInHotel(provider)
        let done = try await hotel.signIn(as: "anna")
        #expect(done.status == .seeOther)
        #expect(try done.path().hasPrefix("/status?token="))
        #expect(done.headers.values("Set-Cookie").contains { $0.contains("Max-Age=0") })
        let session = try #require(try await hotel.session())
        #expect(session.strategy == .oauth2 && session.status == .active)
        #expect(session.identity?.provider == provider && session.identity?.name == "Anna Lindqvist")
        #expect(session.identity?.email == "anna@aurora.example" && session.identity?.subject.isEmpty == false)
        #expect(hotel.venue.reconciler.calls.map(\.kind) == [.authorize])
        await hotel.stop()
    }

    @Test func `scripts and other sites cannot use the cookie`() async throws {
        let hotel = try await SignInHotel(.google)
        let start = try await hotel.start()
        let cookie = try #require(start.headers["Set-Cookie"])
        #expect(cookie.hasPrefix("portico-tx=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"))
        #expect(cookie.contains("Path=/"))
        await hotel.stop()
    }

    @Test func `an answer without the cookie, or with another's, begins no session`() async throws {
        let hotel = try await SignInHotel(.google)
        let answer = try await hotel.providersAnswer(to: try await hotel.start(), person: "anna")
        for cookie in [nil, "portico-tx=" + String(repeating: "A", count: 43)] {
            let response = try await hotel.callback(answer, cookie: cookie)
            #expect(response.status == .badRequest && response.text.contains("Sign-in interrupted"))
        }
        try await hotel.expectNoSession()
        await hotel.stop()
    }

    @Test func `an answer is accepted once`() async throws {
        let hotel = try await SignInHotel(.github)
        let start = try await hotel.start()
        let answer = try await hotel.providersAnswer(to: start, person: "anna")
        #expect(try await hotel.callback(answer, cookie: hotel.cookie(start)).status == .seeOther)
        let again = try await hotel.callback(answer, cookie: hotel.cookie(start))
        #expect(again.status == .badRequest)
        #expect(hotel.venue.reconciler.calls.count == 1)
        await hotel.stop()
    }

    @Test func `an answer is not accepted at another provider's address`() async throws {
        let hotel = try await SignInHotel(.google)
        let start = try await hotel.start()
        let answer = try await hotel.providersAnswer(to: start, person: "anna").replacing("/google/", with: "/github/")
        #expect(try await hotel.callback(answer, cookie: hotel.cookie(start)).status == .badRequest)
        try await hotel.expectNoSession()
        await hotel.stop()
    }

    @Test func `a late answer is not accepted, and its page offers another sign-in`() async throws {
        let hotel = try await SignInHotel(.google)
        let start = try await hotel.start()
        let answer = try await hotel.providersAnswer(to: start, person: "anna")
        hotel.venue.clock.advance(by: 601)
        let response = try await hotel.callback(answer, cookie: hotel.cookie(start))
        #expect(response.status == .badRequest && response.text.contains("/preauth?token="))
        try await hotel.expectNoSession()
        await hotel.stop()
    }

    @Test(arguments: ["state=", "state=abc", "code=abc", "error=access_denied", "", "state=a&state=b"])
    func `an answer without a valid state leads to a page`(_ query: String) async throws {
        let hotel = try await SignInHotel(.google)
        let response = try await hotel.venue.send(.get, "/oauth/google/callback?" + query)
        #expect(response.status == .badRequest && response.text.contains("Sign-in interrupted"))
        try await hotel.expectNoSession()
        await hotel.stop()
    }

    @Test(arguments: AuthIntegration.Provider.allCases) func `the page of a declined sign-in offers another`(
        _ provider: AuthIntegration.Provider
    ) async throws {
        let hotel = try await SignInHotel(provider)
        let response = try await hotel.signIn(as: "")
        #expect(response.status == .forbidden && response.text.contains("Sign-in cancelled"))
        #expect(response.text.contains("/preauth?token="))
        try await hotel.expectNoSession()
        await hotel.stop()
    }

    @Test func `the page names a provider that is down, and the request does not wait for it`() async throws {
        let hotel = try await SignInHotel(.google)
        await hotel.stop()
        let response = try await hotel.start()
        #expect(response.status == .serviceUnavailable && response.text.contains("Google isn’t answering"))
    }

    @Test(arguments: SignInFailure.Kind.allCases)
    func `no failed sign-in is described as an internal error of the portal`(_ kind: SignInFailure.Kind) {
        let expected: Status? =
            switch kind {
            case .unreachable, .timedOut, .unavailable: .serviceUnavailable
            case .secretWrong, .clientUnknown, .answerMalformed, .signatureInvalid, .certificateUntrusted: .badGateway
            case .denied, .accountRefused, .domainRefused, .consentRequired: .forbidden
            case .codeRefused, .interactionRequired: .badRequest
            default: nil
            }
        let status = SignInFailure(kind, detail: "").status
        #expect(expected == nil || status == expected)
        #expect([.badRequest, .forbidden, .badGateway, .serviceUnavailable].contains(status))
    }

    @Test(arguments: [AuthIntegration.Provider.azure, .google])
    func `for a minute after a failure the page shows that the provider is down`(
        _ provider: AuthIntegration.Provider
    ) async throws {
        let hotel = try await SignInHotel(provider)
        let venue = hotel.venue
        await hotel.stop()
        let before = try await venue.send(.get, try await venue.enter()).text
        #expect(!before.contains("isn’t answering"))
        _ = try await hotel.start()
        let page = try await venue.send(.get, try await venue.enter())
        #expect(page.status == .ok && page.text.contains("isn’t answering"))
        #expect(page.text.contains("Continue with"))
        venue.clock.advance(by: 60)
        #expect(try await venue.send(.get, try await venue.enter()).text == before)
    }

    @Test func `a captive window gets an address that works once`() async throws {
        let hotel = try await SignInHotel(.google)
        let sheet = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
        let page = try await hotel.venue.send(.get, try await hotel.venue.enter(), headers: ["User-Agent": sheet])
        let address = try #require(page.text.firstMatch(of: #/href="http:\/\/portal\.test(\/go\/[a-z2-9]{8})"/#)).output
            .1
        let carried = try await hotel.venue.send(.get, String(address))
        #expect(try carried.path().hasPrefix("/preauth?token="))
        #expect(try await hotel.venue.send(.get, String(address)).status == .badRequest)
        await hotel.stop()
    }

    @Test func `a handover ends after ten minutes`() async throws {
        let hotel = try await SignInHotel(.google)
        var generator = SystemRandomNumberGenerator()
        let code = HandoverCode.random(using: &generator)
        let now = hotel.venue.clock.now
        try await hotel.venue.store.keepHandover(code, [1, 2], expires: now + 600, now: now)
        #expect(try await hotel.venue.store.takeHandover(code, now: now + 601) == nil)
        #expect(try await hotel.venue.store.takeHandover(code, now: now + 599) == [1, 2])
        #expect(try await hotel.venue.store.takeHandover(code, now: now + 599) == nil)
        await hotel.stop()
    }

    @Test func `after signing in a guest is not redirected to an address from the browser`() async throws {
        let hotel = try await SignInHotel(.google)
        let start = try await hotel.start()
        let answer =
            try await hotel.providersAnswer(to: start, person: "anna")
            + "&redirect=https%3A%2F%2Fevil.example&next=https%3A%2F%2Fevil.example&link-orig=https%3A%2F%2Fevil.example"
        let done = try await hotel.callback(answer, cookie: hotel.cookie(start))
        #expect(done.headers["Location"]?.hasPrefix("http://portal.test/status?token=") == true)
        let status = try await hotel.venue.send(.get, try done.path())
        #expect(status.status == .ok && !status.text.contains("evil.example"))
        await hotel.stop()
    }
}

/// A venue whose guests sign in at one simulated provider.
final class SignInHotel: Sendable {
    let venue: TestVenue
    private let providers: IdentityProviderSimulator
    private let client = HTTPClient()
    private let provider: AuthIntegration.Provider

    init(_ provider: AuthIntegration.Provider) async throws {
        self.provider = provider
        let callback = "http://portal.test/oauth/\(provider.rawValue)/callback"
        providers = try IdentityProviderSimulator(
            clients: [SimulatedClient(id: "client", secret: "secret", redirectURIs: [callback])],
            logger: Logger(label: "providers"))
        let addresses = try providers.start()
        venue = try await TestVenue(
            oauth: OAuthSettings(
                azureAuthority: addresses.azureAuthority, googleIssuer: addresses.googleIssuer,
                githubURL: addresses.githubURL, githubAPIURL: addresses.githubAPIURL), start: Date())
        let integration = AuthIntegration(
            id: UUID(), workspace: .default, name: "Test", provider: provider, clientID: "client",
            clientSecret: Secret("secret"), tenant: provider == .azure ? "common" : nil, createdAt: venue.clock.now)
        try await venue.store.create(integration)
        _ = try await venue.store.update(venue.instance.id, in: .default) { instance in
            instance.strategy = .oauth2
            instance.integrationID = integration.id
        }
        venue.catalog.evict()
    }

    func stop() async { await providers.stop() }

    /// Sends the form of the sign-in button.
    func start() async throws -> Response { try await venue.send(.post, try await venue.enter(), form: "") }

    func cookie(_ start: Response) -> String? {
        start.headers["Set-Cookie"]?.split(separator: ";").first.map(String.init)
    }

    /// Returns the path and query with which the provider's page redirects the browser to the portal.
    func providersAnswer(to start: Response, person: String) async throws -> String {
        let url = try #require(start.headers["Location"])
        let request = HTTPRequest(
            "POST", url, headers: [("Content-Type", "application/x-www-form-urlencoded")],
            body: Array("person=\(person)".utf8))
        let answer = try #require(try await client.send(request)["Location"])
        #expect(answer.hasPrefix("http://portal.test/oauth/\(provider.rawValue)/callback?"))
        return answer.replacing("http://portal.test", with: "")
    }

    func callback(_ answer: String, cookie: String?) async throws -> Response {
        try await venue.send(.get, answer, headers: cookie.map { ["Cookie": $0] } ?? [:])
    }

    func signIn(as person: String) async throws -> Response {
        let start = try await start()
        return try await callback(try await providersAnswer(to: start, person: person), cookie: cookie(start))
    }

    func session() async throws -> GuestSession? {
        let mac = try #require(MACAddress("AA:BB:CC:DD:EE:01"))
        return try await venue.store.latestSession(of: mac, at: venue.siteID)
    }

    func expectNoSession() async throws {
        #expect(try await session() == nil)
        #expect(venue.reconciler.marked.isEmpty && venue.reconciler.calls.isEmpty)
    }
}
