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

    private func made(_ desk: Desk, _ body: String = body) async throws -> Answer {
        let answer = try await desk.send(.post, Self.path, body)
        #expect(answer.status == 201, "\(answer.text)")
        return answer
    }

    @Test func `a group is made, read, listed, changed and deleted`() async throws {
        let desk = try await Desk()
        let id = try await made(desk).text("id")
        #expect(NotificationGroup.ID(id) != nil)
        let read = try await desk.send(.get, "\(Self.path)/\(id)")
        #expect(read.json.names == ["id", "name", "emails", "webhook_url", "last_deliveries", "created_at"])
        #expect(read.json["emails"] == ["desk@example.org"] && read.text("webhook_url") == "https://hooks.example/1")
        #expect(try await desk.send(.get, Self.path).rows == [read.json])
        let changed = try await desk.send(.put, "\(Self.path)/\(id)", #"{"name":"Night desk","emails":[]}"#)
        #expect(changed.status == 202 && changed.text("name") == "Night desk" && changed.json["emails"] == [])
        #expect(changed.text("webhook_url") == "https://hooks.example/1")
        #expect(try await desk.send(.delete, "\(Self.path)/\(id)").status == 204)
        #expect(try await desk.send(.get, "\(Self.path)/\(id)").status == 404)
    }

    @Test func `what a read printed may be sent back and changes nothing`() async throws {
        let desk = try await Desk()
        let path = "\(Self.path)/\(try await made(desk).text("id"))"
        let read = try await desk.send(.get, path)
        #expect(try await desk.send(.put, path, read.text).status == 202)
        #expect(try await desk.send(.get, path).text == read.text)
    }

    @Test func `a secret that the portal made is shown once, one that was given never`() async throws {
        let desk = try await Desk()
        let first = try await made(desk)
        let path = "\(Self.path)/\(first.text("id"))"
        let secret = first.text("webhook_secret")
        #expect(secret.hasPrefix("whsec_") && secret.utf8.count == 70)
        #expect(try await !desk.send(.get, path).text.contains("whsec_"))
        let again = try await desk.send(.put, path, #"{"webhook_url":"https://hooks.example/2"}"#)
        #expect(again.json["webhook_secret"] == .null)
        #expect(try await stored(desk, path)?.secret.revealed == secret)
        let given = try await desk.send(.put, path, #"{"webhook_secret":"0123456789abcdef"}"#)
        #expect(given.json["webhook_secret"] == .null && !given.text.contains("0123456789abcdef"))
        #expect(try await stored(desk, path)?.secret.revealed == "0123456789abcdef")
        #expect(try await desk.send(.put, path, #"{"webhook_url":null}"#).json["webhook_secret"] == .null)
        #expect(try await stored(desk, path) == nil)
        let anew = try await desk.send(.put, path, #"{"webhook_url":"https://hooks.example/3"}"#)
        #expect(anew.text("webhook_secret").hasPrefix("whsec_") && anew.text("webhook_secret") != secret)
        #expect(!desk.log.lines.contains { $0.contains("whsec_") || $0.contains("0123456789abcdef") })
    }

    private func stored(_ desk: Desk, _ path: String) async throws -> NotificationGroup.Webhook? {
        let id = try #require(NotificationGroup.ID(String(path.split(separator: "/").last ?? "")))
        return try await desk.store.notificationGroup(id, in: .default)?.webhook
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
    func `a wrong field is named`(body: String, code: String) async throws {
        let answer = try await Desk().send(.post, Self.path, body)
        #expect(answer.status == 400 && answer.text("code") == code, "\(answer.text)")
    }

    @Test(arguments: ["ng_0", "ng_00000000000040008000000000000000", "00000000-0000-4000-8000-000000000000"])
    func `a group that is not there is 404`(id: String) async throws {
        let desk = try await Desk()
        for method in [.get, .delete] as [HTTPServer.Method] {
            #expect(try await desk.send(method, "\(Self.path)/\(id)").text("code") == "resource_not_found")
        }
        #expect(try await desk.send(.put, "\(Self.path)/\(id)", "{}").text("code") == "resource_not_found")
    }

    @Test func `another workspace sees nothing of a group`() async throws {
        let desk = try await Desk()
        let path = "\(Self.path)/\(try await made(desk).text("id"))"
        let stranger = try await desk.token(try #require(Workspace(rawValue: "stranger")))
        #expect(try await desk.send(.get, path, token: stranger).status == 404)
        #expect(try await desk.send(.get, Self.path, token: stranger).rows.isEmpty)
        #expect(try await desk.send(.delete, path, token: stranger).status == 404)
        #expect(try await desk.send(.get, path).status == 200)
    }

    @Test func `a group that a schedule uses is not deleted`() async throws {
        let desk = try await Desk()
        let id = try await made(desk).text("id")
        try await desk.addSchedule(group: try #require(NotificationGroup.ID(id)))
        let answer = try await desk.send(.delete, "\(Self.path)/\(id)")
        #expect(answer.status == 409 && answer.text("code") == "conflict")
        #expect(try await desk.send(.get, "\(Self.path)/\(id)").status == 200)
    }

    @Test func `a list goes on where it was cut`() async throws {
        let desk = try await Desk()
        for index in 0..<3 {
            desk.time.advance(1)
            _ = try await made(desk, #"{"name":"\#(index)"}"#)
        }
        let first = try await desk.send(.get, Self.path + "?limit=2")
        #expect(first.rows.map { $0["name"]?.string } == ["2", "1"])
        let link = try #require(first.headers["Link"]?.split(separator: ">").first?.dropFirst())
        let rest = try await desk.send(.get, String(link.dropFirst(Desk.publicURL.utf8.count)))
        #expect(rest.rows.map { $0["name"]?.string } == ["0"] && rest.headers["Link"] == nil)
    }
}

extension Desk {
    /// A daily schedule that tells `group`.
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
