import Captive
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

@Suite struct IdempotencyTests {
    private static let path = "/captive/notification-groups"
    private static let body = #"{"name":"Desk","webhook_url":"https://hooks.example/"}"#

    private func make(
        _ api: APIFixture, _ key: String = "key-1", _ body: String = body, path: String = path, token: String? = nil
    ) async throws -> APIResponse {
        try await api.send(.post, path, body, token: token, headers: ["Idempotency-Key": key])
    }

    @Test func `a repeated request takes effect once and returns the same response`() async throws {
        let api = try await APIFixture()
        let first = try await make(api)
        let again = try await make(api)
        #expect(first.status == 201 && first.headers["Idempotency-Replayed"] == nil)
        #expect(again.status == 201 && again.text == first.text && again.headers["Idempotency-Replayed"] == "true")
        #expect(again.headers["Content-Type"] == "application/json" && again.headers["Cache-Control"] == "no-store")
        #expect(try await api.send(.get, Self.path).rows.count == 1)
        #expect(try await make(api, "key-2").text("id") != first.text("id"))
    }

    @Test func `a different request with the same key is rejected`() async throws {
        let api = try await APIFixture()
        _ = try await make(api)
        for response in [
            try await make(api, "key-1", #"{"name":"Other"}"#),
            try await make(api, "key-1", path: "/captive/instances"),
        ] { #expect(response.status == 409 && response.text("code") == "conflict", "\(response.text)") }
        #expect(try await api.send(.get, Self.path).rows.count == 1)
    }

    @Test func `a key belongs to a workspace and expires after 24 hours`() async throws {
        let api = try await APIFixture()
        let first = try await make(api)
        let otherToken = try await api.token(try #require(Workspace(rawValue: "other")))
        #expect(try await make(api, token: otherToken).text("id") != first.text("id"))
        api.time.advance(86_400)
        let token = try await api.token()
        #expect(try await make(api, token: token).text("id") != first.text("id"))
    }

    @Test func `an error response is repeated too`() async throws {
        let api = try await APIFixture()
        let first = try await make(api, "key-1", "{}")
        let again = try await make(api, "key-1", "{}")
        #expect(first.status == 400 && again.text == first.text && again.headers["Idempotency-Replayed"] == "true")
    }

    @Test(arguments: ["", " ", "a b", "ä", String(repeating: "k", count: 256)])
    func `an invalid key is rejected`(key: String) async throws {
        #expect(try await make(APIFixture(), key).text("code") == "parameter_invalid")
    }

    @Test func `a request in progress is not repeated, and a lost response is reported`()
        async throws
    {
        let api = try await APIFixture()
        _ = try await make(api)
        try await api.loseStoredResponses()
        let early = try await make(api)
        #expect(early.status == 409 && early.headers["Retry-After"] == "1")
        api.time.advance(60)
        let late = try await make(api)
        #expect(
            late.status == 409 && late.headers["Retry-After"] == nil
                && late.text("message").contains("response was lost")
        )
        #expect(try await api.send(.get, Self.path).rows.count == 1)
    }

    @Test func `concurrent requests with one key take effect once`() async throws {
        let api = try await APIFixture()
        let responses = try await withThrowingTaskGroup(of: APIResponse.self) { group in
            for _ in 0..<8 { group.addTask { try await make(api) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(responses.allSatisfy { [201, 409].contains($0.status) } && responses.contains { $0.status == 201 })
        #expect(Set(responses.filter { $0.status == 201 }.map { $0.text("id") }).count == 1)
        #expect(try await api.send(.get, Self.path).rows.count == 1)
    }
}

extension APIFixture {
    /// As if the portal had stopped after a change and before its response was stored.
    func loseStoredResponses() async throws {
        _ = try await database.write { try $0.execute("UPDATE kept_answers SET answer = NULL", []) }
    }
}
