import Captive
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

@Suite struct NotificationGroupTests {
    private static let path = "/captive/notification-groups"
    private static let body =
        #"{"name":"Front desk","emails":["desk@example.org","Desk@example.org"],"webhook_url":"https://hooks.example/1"}"#

    private func made(_ api: APIFixture, _ body: String = body) async throws -> APIResponse {
        let response = try await api.send(.post, Self.path, body)
        #expect(response.status == 201, "\(response.text)")
        return response
    }

    @Test func `a group is created, read, listed, updated and deleted`() async throws {
        let api = try await APIFixture()
        let id = try await made(api).text("id")
        #expect(NotificationGroup.ID(id) != nil)
        let read = try await api.send(.get, "\(Self.path)/\(id)")
        #expect(read.json.names == ["id", "name", "emails", "webhook_url", "last_deliveries", "created_at"])
        #expect(read.json["emails"] == ["desk@example.org"] && read.text("webhook_url") == "https://hooks.example/1")
        #expect(try await api.send(.get, Self.path).rows == [read.json])
        let changed = try await api.send(.put, "\(Self.path)/\(id)", #"{"name":"Night desk","emails":[]}"#)
        #expect(changed.status == 202 && changed.text("name") == "Night desk" && changed.json["emails"] == [])
        #expect(changed.text("webhook_url") == "https://hooks.example/1")
        #expect(try await api.send(.delete, "\(Self.path)/\(id)").status == 204)
        #expect(try await api.send(.get, "\(Self.path)/\(id)").status == 404)
    }

    @Test func `sending back the response of a GET changes nothing`() async throws {
        let api = try await APIFixture()
        let path = "\(Self.path)/\(try await made(api).text("id"))"
        let read = try await api.send(.get, path)
        #expect(try await api.send(.put, path, read.text).status == 202)
        #expect(try await api.send(.get, path).text == read.text)
    }

    @Test func `a generated secret is returned once, a given one never`() async throws {
        let api = try await APIFixture()
        let first = try await made(api)
        let path = "\(Self.path)/\(first.text("id"))"
        let secret = first.text("webhook_secret")
        #expect(secret.hasPrefix("whsec_") && secret.utf8.count == 70)
        #expect(try await !api.send(.get, path).text.contains("whsec_"))
        let again = try await api.send(.put, path, #"{"webhook_url":"https://hooks.example/2"}"#)
        #expect(again.json["webhook_secret"] == .null)
        #expect(try await stored(api, path)?.secret.revealed == secret)
        let given = try await api.send(.put, path, #"{"webhook_secret":"0123456789abcdef"}"#)
        #expect(given.json["webhook_secret"] == .null && !given.text.contains("0123456789abcdef"))
        #expect(try await stored(api, path)?.secret.revealed == "0123456789abcdef")
        #expect(try await api.send(.put, path, #"{"webhook_url":null}"#).json["webhook_secret"] == .null)
        #expect(try await stored(api, path) == nil)
        let added = try await api.send(.put, path, #"{"webhook_url":"https://hooks.example/3"}"#)
        #expect(added.text("webhook_secret").hasPrefix("whsec_") && added.text("webhook_secret") != secret)
        #expect(!api.log.lines.contains { $0.contains("whsec_") || $0.contains("0123456789abcdef") })
    }

    private func stored(_ api: APIFixture, _ path: String) async throws -> NotificationGroup.Webhook? {
        let id = try #require(NotificationGroup.ID(String(path.split(separator: "/").last ?? "")))
        return try await api.store.notificationGroup(id, in: .default)?.webhook
    }

    @Test(arguments: [
        (#"{}"#, "parameter_missing"), (#"{"name":""}"#, "parameter_invalid"),
        (#"{"name":"\#(String(repeating: "a", count: 101))"}"#, "parameter_invalid"),
        (#"{"name":"a","emails":["desk"]}"#, "parameter_invalid"),
        (#"{"name":"a","emails":"a@b.org"}"#, "parameter_invalid"),
        (#"{"name":"a","emails":["a@b.org\r\nBcc: c@d.org"]}"#, "parameter_invalid"),
        (
            #"{"name":"a","emails":[\#(Array(repeating: "\"a@b.org\"", count: 51).joined(separator: ","))]}"#,
            "parameter_invalid"
        ),
        (#"{"name":"a","webhook_url":"http://hooks.example/"}"#, "parameter_invalid"),
        (#"{"name":"a","webhook_url":"https://127.0.0.1/"}"#, "parameter_invalid"),
        (#"{"name":"a","webhook_url":"https://[::ffff:10.0.0.1]/"}"#, "parameter_invalid"),
        (#"{"name":"a","webhook_url":"https://u:p@hooks.example/"}"#, "parameter_invalid"),
        (#"{"name":"a","webhook_secret":"short"}"#, "parameter_invalid"),
        (#"{"name":"a","last_deliveries":[]}"#, "parameter_unknown"),
    ])
    func `an invalid field is rejected`(body: String, code: String) async throws {
        let response = try await APIFixture().send(.post, Self.path, body)
        #expect(response.status == 400 && response.text("code") == code, "\(response.text)")
    }

    @Test(arguments: ["ng_0", "ng_00000000000040008000000000000000", "00000000-0000-4000-8000-000000000000"])
    func `an unknown group is not found`(id: String) async throws {
        let api = try await APIFixture()
        for method in [.get, .delete] as [HTTPServer.Method] {
            #expect(try await api.send(method, "\(Self.path)/\(id)").text("code") == "resource_not_found")
        }
        #expect(try await api.send(.put, "\(Self.path)/\(id)", "{}").text("code") == "resource_not_found")
    }

    @Test func `a group is not visible to another workspace`() async throws {
        let api = try await APIFixture()
        let path = "\(Self.path)/\(try await made(api).text("id"))"
        let otherToken = try await api.token(try #require(Workspace(rawValue: "other")))
        #expect(try await api.send(.get, path, token: otherToken).status == 404)
        #expect(try await api.send(.get, Self.path, token: otherToken).rows.isEmpty)
        #expect(try await api.send(.delete, path, token: otherToken).status == 404)
        #expect(try await api.send(.get, path).status == 200)
    }

    @Test func `a group that a schedule uses cannot be deleted`() async throws {
        let api = try await APIFixture()
        let id = try await made(api).text("id")
        try await api.addSchedule(group: try #require(NotificationGroup.ID(id)))
        let response = try await api.send(.delete, "\(Self.path)/\(id)")
        #expect(response.status == 409 && response.text("code") == "conflict")
        #expect(try await api.send(.get, "\(Self.path)/\(id)").status == 200)
    }

    @Test func `the next page begins where the previous one ended`() async throws {
        let api = try await APIFixture()
        for index in 0..<3 {
            api.time.advance(1)
            _ = try await made(api, #"{"name":"\#(index)"}"#)
        }
        let first = try await api.send(.get, Self.path + "?limit=2")
        #expect(first.rows.map { $0["name"]?.string } == ["2", "1"])
        let link = try #require(first.headers["Link"]?.split(separator: ">").first?.dropFirst())
        let rest = try await api.send(.get, String(link.dropFirst(APIFixture.publicURL.utf8.count)))
        #expect(rest.rows.map { $0["name"]?.string } == ["0"] && rest.headers["Link"] == nil)
    }
}

extension APIFixture {
    /// Creates a daily schedule that notifies `group`.
    func addSchedule(group: NotificationGroup.ID) async throws {
        let instance = Instance(
            id: UUID(), workspace: .default, name: "Lobby", strategy: .coupon, sessionTTL: 3_600, sites: [],
            createdAt: time.now)
        try await store.create(instance)
        try await store.create(
            CouponSchedule(
                id: UUID(), instanceID: instance.id, name: "Daily", count: 20,
                recurrence: try #require(Recurrence(.daily, in: "UTC")), validMinutes: 480, notificationGroupID: group,
                nextRunAt: time.now + 60, createdAt: time.now))
    }
}
