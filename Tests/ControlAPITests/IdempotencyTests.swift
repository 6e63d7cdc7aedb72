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
        _ desk: Desk, _ key: String = "key-1", _ body: String = body, path: String = path, token: String? = nil
    ) async throws -> Answer {
        try await desk.send(.post, path, body, token: token, headers: ["Idempotency-Key": key])
    }

    @Test func `a request that is sent again is answered as before, and done once`() async throws {
        let desk = try await Desk()
        let first = try await make(desk)
        let again = try await make(desk)
        #expect(first.status == 201 && first.headers["Idempotency-Replayed"] == nil)
        #expect(again.status == 201 && again.text == first.text && again.headers["Idempotency-Replayed"] == "true")
        #expect(again.headers["Content-Type"] == "application/json" && again.headers["Cache-Control"] == "no-store")
        #expect(try await desk.send(.get, Self.path).rows.count == 1)
        #expect(try await make(desk, "key-2").text("id") != first.text("id"))
    }

    @Test func `another request with the same key is refused`() async throws {
        let desk = try await Desk()
        _ = try await make(desk)
        for answer in [
            try await make(desk, "key-1", #"{"name":"Other"}"#),
            try await make(desk, "key-1", path: "/captive/instances"),
        ] { #expect(answer.status == 409 && answer.text("code") == "conflict", "\(answer.text)") }
        #expect(try await desk.send(.get, Self.path).rows.count == 1)
    }

    @Test func `a key is a workspace's own, and free again after a day`() async throws {
        let desk = try await Desk()
        let first = try await make(desk)
        let stranger = try await desk.token(try #require(Workspace(rawValue: "stranger")))
        #expect(try await make(desk, token: stranger).text("id") != first.text("id"))
        desk.time.advance(86_400)
        let token = try await desk.token()
        #expect(try await make(desk, token: token).text("id") != first.text("id"))
    }

    @Test func `a refusal is repeated too`() async throws {
        let desk = try await Desk()
        let first = try await make(desk, "key-1", "{}")
        let again = try await make(desk, "key-1", "{}")
        #expect(first.status == 400 && again.text == first.text && again.headers["Idempotency-Replayed"] == "true")
    }

    @Test(arguments: ["", " ", "a b", "ä", String(repeating: "k", count: 256)])
    func `a key that is none is refused`(key: String) async throws {
        #expect(try await make(Desk(), key).text("code") == "parameter_invalid")
    }

    @Test func `a request that is still carried out is not carried out twice, and one whose answer is lost is told`()
        async throws
    {
        let desk = try await Desk()
        _ = try await make(desk)
        try await desk.loseAnswers()
        let early = try await make(desk)
        #expect(early.status == 409 && early.headers["Retry-After"] == "1")
        desk.time.advance(60)
        let late = try await make(desk)
        #expect(
            late.status == 409 && late.headers["Retry-After"] == nil
                && late.text("message").contains("response was lost")
        )
        #expect(try await desk.send(.get, Self.path).rows.count == 1)
    }

    @Test func `requests with one key that come together take effect once`() async throws {
        let desk = try await Desk()
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
            for _ in 0..<8 { group.addTask { try await make(desk) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { [201, 409].contains($0.status) } && answers.contains { $0.status == 201 })
        #expect(Set(answers.filter { $0.status == 201 }.map { $0.text("id") }).count == 1)
        #expect(try await desk.send(.get, Self.path).rows.count == 1)
    }
}

extension Desk {
    /// As when the portal dies between an effect and the note of its answer.
    func loseAnswers() async throws {
        _ = try await database.write { try $0.execute("UPDATE kept_answers SET answer = NULL", []) }
    }
}
