import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

@Suite struct AuditTests {
    private static let path = "/captive/audit-log"
    private static let groups = "/captive/notification-groups"

    @Test func `who changed what is told, and no value`() async throws {
        let desk = try await Desk()
        let body = #"{"name":"Desk","webhook_url":"https://hooks.example/","webhook_secret":"hush-hush-hush-1"}"#
        let id = try await desk.send(.post, Self.groups, body).text("id")
        desk.time.advance(1)
        _ = try await desk.send(.put, "\(Self.groups)/\(id)", #"{"name":"Night"}"#)
        desk.time.advance(1)
        _ = try await desk.send(.delete, "\(Self.groups)/\(id)")
        let log = try await desk.send(.get, Self.path)
        #expect(
            log.rows.map { $0["action"]?.string } == [
                "deleteNotificationGroup", "updateNotificationGroup", "createNotificationGroup",
            ])
        #expect(log.rows.allSatisfy { $0["resource_id"] == .string(id) && $0["resource"] == "notification_groups" })
        #expect(log.rows.map { $0["fields"] } == [[], ["name"], ["name", "webhook_url", "webhook_secret"]])
        #expect(log.rows.allSatisfy { $0["subject"] == "default" && $0["address"] != .null })
        #expect(log.rows.allSatisfy { UUID(uuidString: $0["token_id"]?.string ?? "") != nil })
        #expect(!log.text.contains("hush") && !log.text.contains("Night"))
    }

    @Test func `what was refused, and what only reads, is not in the log`() async throws {
        let desk = try await Desk()
        _ = try await desk.send(.post, Self.groups, "{}")
        _ = try await desk.send(.put, "\(Self.groups)/\(NotificationGroup.ID())", "{}")
        _ = try await desk.send(.delete, "\(Self.groups)/\(NotificationGroup.ID())")
        _ = try await desk.send(.get, Self.groups)
        #expect(try await desk.send(.get, Self.path).rows.isEmpty)
    }

    @Test func `fields inside an object are named, things made many at a time by what they belong to`() async throws {
        let desk = try await Desk()
        let made = try await desk.send(
            .post, "/captive/instances", #"{"name":"Lobby","strategy":"coupon","session_ttl":3600}"#)
        let id = made.text("id")
        desk.time.advance(1)
        _ = try await desk.send(.put, "/captive/instances/\(id)", ##"{"theme":{"accent_color":"#123456"}}"##)
        desk.time.advance(1)
        _ = try await desk.send(.post, "/captive/instances/\(id)/coupons", #"{"minutes_valid":60,"count":3}"#)
        let rows = try await desk.send(.get, Self.path).rows
        #expect(rows.map { $0["resource"]?.string } == ["coupons", "instances", "instances"])
        #expect(rows.allSatisfy { $0["resource_id"] == .string(id) })
        #expect(rows.map { $0["fields"] }[1] == ["theme.accent_color"])
    }

    @Test func `the log is filtered, and is a workspace's own`() async throws {
        let desk = try await Desk()
        let id = try await desk.send(.post, Self.groups, #"{"name":"One"}"#).text("id")
        desk.time.advance(60)
        let other = try await desk.token()
        _ = try await desk.send(.post, Self.groups, #"{"name":"Two"}"#, token: other)
        let all = try await desk.send(.get, Self.path).rows
        let token = all.first?["token_id"]?.string ?? ""
        for (query, count) in [
            ("resource=notification_groups", 2), ("resource=sites", 0), ("resource_id=\(id)", 1),
            ("token_id=\(token)", 1),
            ("since=2025-10-29T12:00:30Z", 1), ("until=2025-10-29T12:00:30Z", 1), ("limit=1", 1),
        ] {
            let answer = try await desk.send(.get, "\(Self.path)?\(query)")
            #expect(answer.status == 200 && answer.rows.count == count, "\(query)")
        }
        #expect(try await desk.send(.get, "\(Self.path)?since=yesterday").text("code") == "parameter_invalid")
        let stranger = try await desk.token(try #require(Workspace(rawValue: "stranger")))
        #expect(try await desk.send(.get, Self.path, token: stranger).rows.isEmpty)
    }
}
