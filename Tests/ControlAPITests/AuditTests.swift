import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

@Suite struct AuditTests {
    private static let path = "/captive/audit-log"
    private static let groups = "/captive/notification-groups"

    @Test func `an entry has actor, action and field names, but no values`() async throws {
        let api = try await APIFixture()
        let body = #"{"name":"Desk","webhook_url":"https://hooks.example/","webhook_secret":"hush-hush-hush-1"}"#
        let id = try await api.send(.post, Self.groups, body).text("id")
        api.time.advance(1)
        _ = try await api.send(.put, "\(Self.groups)/\(id)", #"{"name":"Night"}"#)
        api.time.advance(1)
        _ = try await api.send(.delete, "\(Self.groups)/\(id)")
        let log = try await api.send(.get, Self.path)
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

    @Test func `rejected calls and reads are not recorded`() async throws {
        let api = try await APIFixture()
        _ = try await api.send(.post, Self.groups, "{}")
        _ = try await api.send(.put, "\(Self.groups)/\(NotificationGroup.ID())", "{}")
        _ = try await api.send(.delete, "\(Self.groups)/\(NotificationGroup.ID())")
        _ = try await api.send(.get, Self.groups)
        #expect(try await api.send(.get, Self.path).rows.isEmpty)
    }

    @Test func `nested fields are named, and a batch has the ID of its parent`() async throws {
        let api = try await APIFixture()
        let made = try await api.send(
            .post, "/captive/instances", #"{"name":"Lobby","strategy":"coupon","session_ttl":3600}"#)
        let id = made.text("id")
        api.time.advance(1)
        _ = try await api.send(.put, "/captive/instances/\(id)", ##"{"theme":{"accent_color":"#123456"}}"##)
        api.time.advance(1)
        _ = try await api.send(.post, "/captive/instances/\(id)/coupons", #"{"minutes_valid":60,"count":3}"#)
        let rows = try await api.send(.get, Self.path).rows
        #expect(rows.map { $0["resource"]?.string } == ["coupons", "instances", "instances"])
        #expect(rows.allSatisfy { $0["resource_id"] == .string(id) })
        #expect(rows.map { $0["fields"] }[1] == ["theme.accent_color"])
    }

    @Test func `the log can be filtered and is limited to the workspace`() async throws {
        let api = try await APIFixture()
        let id = try await api.send(.post, Self.groups, #"{"name":"One"}"#).text("id")
        api.time.advance(60)
        let other = try await api.token()
        _ = try await api.send(.post, Self.groups, #"{"name":"Two"}"#, token: other)
        let all = try await api.send(.get, Self.path).rows
        let token = all.first?["token_id"]?.string ?? ""
        for (query, count) in [
            ("resource=notification_groups", 2), ("resource=sites", 0), ("resource_id=\(id)", 1),
            ("token_id=\(token)", 1),
            ("since=2025-10-29T12:00:30Z", 1), ("until=2025-10-29T12:00:30Z", 1), ("limit=1", 1),
        ] {
            let response = try await api.send(.get, "\(Self.path)?\(query)")
            #expect(response.status == 200 && response.rows.count == count, "\(query)")
        }
        #expect(try await api.send(.get, "\(Self.path)?since=yesterday").text("code") == "parameter_invalid")
        let otherToken = try await api.token(try #require(Workspace(rawValue: "other")))
        #expect(try await api.send(.get, Self.path, token: otherToken).rows.isEmpty)
    }
}
