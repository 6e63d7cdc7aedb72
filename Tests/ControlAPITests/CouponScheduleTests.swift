import Captive
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

struct CouponScheduleTests {
    static let daily = """
        {"name":"Daily Guest Passes","count":20,"recurrence_type":"daily","day_of_week":1,"day_of_month":15,
         "valid_for_in_minutes":480,"timezone":"Australia/Sydney"}
        """

    static func path(_ api: APIFixture) async throws -> String {
        "/captive/instances/\(try await CouponTests.instance(of: api))/coupon-schedules"
    }

    static func made(_ api: APIFixture, _ body: String = daily) async throws -> (path: String, response: APIResponse) {
        let path = try await path(api)
        let response = try await api.send(.post, path, body)
        return ("\(path)/\(response.text("id"))", response)
    }

    @Test func `a schedule is created, read and listed as documented`() async throws {
        let api = try await APIFixture()
        let (path, response) = try await Self.made(api)
        #expect(response.status == 201)
        #expect(
            response.json.names == [
                "id", "name", "instance_id", "count", "recurrence_type", "day_of_week", "day_of_month",
                "valid_for_in_minutes", "timezone", "time_of_day", "notification_group_id", "last_run_at",
                "next_run_at",
                "tokens_used_since_last_run", "tokens_generated_since_last_run", "tokens_available_since_last_run",
                "created_at",
            ])
        #expect(response.json["day_of_week"] == 1 && response.json["day_of_month"] == 15)
        #expect(response.json["time_of_day"] == "08:00")
        // It is 23:00 in Sydney.
        #expect(response.json["next_run_at"] == "2025-10-29T21:00:00Z")
        #expect(response.json["last_run_at"] == .null && response.json["created_at"] == "2025-10-29T12:00:00Z")
        #expect(try await api.send(.get, path).text == response.text)
        let list = path.prefix { $0 != "?" }.split(separator: "/").dropLast().joined(separator: "/")
        #expect(try await api.send(.get, "/" + list).text == "[\(response.text)]")
        #expect(try await api.send(.get, String(path.dropFirst("/captive".count))).text == response.text)
    }

    @Test(arguments: [
        (#"{"name":""}"#, "name"), (#"{"count":0}"#, "count"), (#"{"count":501}"#, "count"),
        (#"{"recurrence_type":"hourly"}"#, "recurrence_type"), (#"{"day_of_week":7}"#, "day_of_week"),
        (#"{"day_of_month":0}"#, "day_of_month"), (#"{"day_of_month":32}"#, "day_of_month"),
        (#"{"valid_for_in_minutes":0}"#, "valid_for_in_minutes"),
        (#"{"valid_for_in_minutes":90001}"#, "valid_for_in_minutes"), (#"{"time_of_day":"24:00"}"#, "time_of_day"),
        (#"{"time_of_day":"8:00"}"#, "time_of_day"), (#"{"timezone":"Mars/Base"}"#, "timezone"),
        (#"{"timezone":"../etc/passwd"}"#, "timezone"), (#"{"timezone":1}"#, "timezone"),
        (#"{"notification_group_id":"ng_1"}"#, "notification_group_id"),
        (#"{"notification_group_id":"ng_00000000000000000000000000000000"}"#, "notification_group_id"),
        (#"{"colour":"red"}"#, "colour"),
    ])
    func `an invalid field is rejected by POST and PUT, named, and changes nothing`(
        change: String, field: String
    ) async throws {
        let api = try await APIFixture()
        let (path, made) = try await Self.made(api)
        let put = try await api.send(.put, path, change)
        #expect(put.status == 400 && put.text("message").contains("'\(field)'"))
        #expect(try await api.send(.get, path).text == made.text)
        let whole = #"{"name":"A","count":1,"recurrence_type":"daily","valid_for_in_minutes":1,"timezone":"Etc/UTC"}"#
        let parts = try [whole, change].map { try JSONParser.parse(Array($0.utf8)) }
        guard case .object(let good) = parts[0], case .object(let bad) = parts[1] else { return }
        let body = JSONValue.object(good.filter { $0.name != field } + bad)
        let post = try await api.send(.post, try await Self.path(api), String(decoding: body.bytes, as: UTF8.self))
        #expect(post.status == 400 && post.text("message").contains("'\(field)'"))
    }

    @Test(arguments: [
        ("Europe/Berlim", "Europe/Berlin"), ("sydney", "Australia/Sydney"), ("europe/berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
    ])
    func `the error for an unknown time zone suggests the nearest one`(zone: String, nearest: String) async throws {
        let api = try await APIFixture()
        let (_, response) = try await Self.made(api, Self.daily.replacing("Australia/Sydney", with: zone))
        #expect(response.status == 400 && response.text("code") == "parameter_invalid")
        #expect(response.text("message").hasSuffix("Did you mean '\(nearest)'?"))
    }

    @Test(arguments: ["weekly", "monthly"])
    func `a recurrence requires its day`(kind: String) async throws {
        let api = try await APIFixture()
        let day = kind == "weekly" ? "day_of_week" : "day_of_month"
        for value in ["", #""\#(day)":null,"#] {
            let body = """
                {"name":"A","count":1,\(value)"recurrence_type":"\(kind)","valid_for_in_minutes":1,"timezone":"Etc/UTC"}
                """
            let (_, response) = try await Self.made(api, body)
            #expect(response.status == 400 && response.text("code") == "parameter_missing")
            #expect(response.text("message").contains("'\(day)'"))
        }
        let (path, made) = try await Self.made(api)
        #expect(try await api.send(.put, path, #"{"recurrence_type":"\#(kind)","\#(day)":null}"#).status == 400)
        #expect(try await api.send(.get, path).text == made.text)
        #expect(try await api.send(.put, path, #"{"recurrence_type":"\#(kind)"}"#).status == 202)
    }

    @Test(arguments: [("weekly", "day_of_week"), ("monthly", "day_of_month")])
    func `a schedule without a day cannot change to a recurrence that requires one`(kind: String, day: String)
        async throws
    {
        let api = try await APIFixture()
        let daily = #"{"name":"A","count":1,"recurrence_type":"daily","valid_for_in_minutes":1,"timezone":"Etc/UTC"}"#
        let (path, made) = try await Self.made(api, daily)
        let refused = try await api.send(.put, path, #"{"recurrence_type":"\#(kind)"}"#)
        #expect(refused.status == 409 && refused.text("message").contains("'\(day)'"))
        #expect(try await api.send(.get, path).text == made.text)
        #expect(try await api.send(.put, path, #"{"recurrence_type":"\#(kind)","\#(day)":1}"#).status == 202)
        #expect(try await api.send(.put, path, #"{"\#(day)":null}"#).status == 409)
    }

    @Test func `an update keeps omitted fields and recalculates the next run`() async throws {
        let api = try await APIFixture()
        let (path, made) = try await Self.made(api)
        let renamed = try await api.send(.put, path, #"{"name":"Nightly"}"#)
        #expect(renamed.status == 202)
        #expect(renamed.text == made.text.replacing("Daily Guest Passes", with: "Nightly"))
        let monthly = try await api.send(
            .put, path, #"{"recurrence_type":"monthly","day_of_month":31,"timezone":"Etc/UTC","time_of_day":"23:30"}"#)
        #expect(monthly.json["next_run_at"] == "2025-10-31T23:30:00Z")
        #expect(monthly.json["count"] == 20 && monthly.json["name"] == "Nightly")
        #expect(try await api.send(.get, path).text == monthly.text)
    }

    @Test func `the response of a GET can be sent back`() async throws {
        let api = try await APIFixture()
        let (path, made) = try await Self.made(api)
        let response = try await api.send(.put, path, made.text)
        #expect(response.status == 202 && response.text == made.text)
    }

    @Test func `renaming a schedule does not lose a run that is due`() async throws {
        let api = try await APIFixture()
        let (path, made) = try await Self.made(api)
        api.time.advance(12 * 3_600)
        let token = try await api.token()
        let renamed = try await api.send(.put, path, #"{"name":"Late"}"#, token: token)
        #expect(renamed.json["next_run_at"] == made.json["next_run_at"])
    }

    @Test func `a run creates coupons and does not change the next run`() async throws {
        let api = try await APIFixture()
        let (path, made) = try await Self.made(api)
        api.time.advance(60)
        let run = try await api.send(.post, path + "/run")
        #expect(run.status == 201 && run.rows.count == 20)
        #expect(run.rows.allSatisfy { $0["expires_at"] == "2025-10-29T20:01:00Z" })
        #expect(run.rows.first?.names == ["id", "code", "expires_at", "redeemed_at", "created_at"])
        let after = try await api.send(.get, path)
        #expect(after.json["last_run_at"] == "2025-10-29T12:01:00Z")
        #expect(after.json["next_run_at"] == made.json["next_run_at"])
        #expect(after.json["tokens_generated_since_last_run"] == 20)
        #expect(after.json["tokens_available_since_last_run"] == 20 && after.json["tokens_used_since_last_run"] == 0)
    }

    @Test func `a run with fields in its body is rejected`() async throws {
        let api = try await APIFixture()
        let (path, _) = try await Self.made(api)
        let response = try await api.send(.post, path + "/run", #"{"count":1}"#)
        #expect(response.status == 400)
        #expect(response.text("code") == "parameter_unknown")
        #expect(try await api.send(.get, path).json["last_run_at"] == .null)
        #expect(try await api.send(.delete, path, #"{"dry_run":true}"#).status == 400)
        #expect(try await api.send(.post, path + "/run", "{}").status == 201)
        #expect(try await api.send(.delete, path, "null").status == 204)
    }

    @Test func `a run notifies the notification group`() async throws {
        let api = try await APIFixture()
        let mail = try #require(EmailAddress("desk@hotel.example"))
        let group = NotificationGroup(
            workspace: .default, name: "Desk", emails: [mail], webhook: nil, createdAt: api.time.now)
        try await api.store.create(group)
        let body = Self.daily.replacing(#""count""#, with: #""notification_group_id":"\#(group.id)","count""#)
        let (path, made) = try await Self.made(api, body)
        #expect(made.text("notification_group_id") == "\(group.id)")
        #expect(try await api.send(.post, path + "/run").status == 201)
        let now = api.time.now + 1
        let told = try await api.store.claimDeliveries(
            now: now, lease: now + 60, slots: DeliverySlots(total: 100, perWorkspace: 100))
        #expect(
            told.map(\.notification.scheduleName) == ["Daily Guest Passes"] && told.map(\.notification.count) == [20])
        let removed = try await api.send(.put, path, #"{"notification_group_id":null}"#)
        #expect(removed.json["notification_group_id"] == .null)
    }

    @Test func `runs per hour are limited for each workspace`() async throws {
        let api = try await APIFixture(runsPerHour: 3)
        let (path, _) = try await Self.made(api)
        for _ in 0..<3 { #expect(try await api.send(.post, path + "/run").status == 201) }
        let refused = try await api.send(.post, path + "/run")
        #expect(refused.status == 429 && refused.text("code") == "rate_limited")
        #expect(refused.headers["Retry-After"] == "3600")
        let tenant = try await api.token(try #require(Workspace(rawValue: "tenant")))
        let other = try await api.send(.post, path + "/run", token: tenant)
        #expect(other.status == 404, "another workspace, with its own limit")
        api.time.advance(3_601)
        #expect(try await api.send(.post, path + "/run").status == 201)
    }

    @Test func `deleting a schedule deletes its coupons`() async throws {
        let api = try await APIFixture()
        let (path, _) = try await Self.made(api)
        _ = try await api.send(.post, path + "/run")
        #expect(try await api.send(.delete, path).status == 204)
        for (method, suffix) in [(.get, ""), (.delete, ""), (.post, "/run"), (.get, "/generate_url")]
            as [(HTTPServer.Method, String)]
        {
            #expect(try await api.send(method, path + suffix).status == 404)
        }
        let coupons = path.components(separatedBy: "/coupon-schedules")[0] + "/coupons"
        #expect(try await api.send(.get, coupons).text == "[]")
    }

    @Test func `a schedule is not visible to another workspace or instance`() async throws {
        let api = try await APIFixture()
        let (path, made) = try await Self.made(api)
        let otherToken = try await api.token(try #require(Workspace(rawValue: "other")))
        let elsewhere = "\(try await Self.path(api))/\(made.text("id"))"
        for (target, token) in [(path, otherToken), (elsewhere, api.token)] {
            #expect(try await api.send(.get, target, token: token).status == 404)
            #expect(try await api.send(.put, target, "{}", token: token).status == 404)
            #expect(try await api.send(.delete, target, token: token).status == 404)
            #expect(try await api.send(.post, target + "/run", token: token).status == 404)
            #expect(try await api.send(.get, target + "/generate_url", token: token).status == 404)
        }
        #expect(try await api.send(.get, path).text == made.text)
    }
}
