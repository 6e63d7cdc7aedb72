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

    static func path(_ desk: Desk) async throws -> String {
        "/captive/instances/\(try await CouponTests.instance(of: desk))/coupon-schedules"
    }

    static func made(_ desk: Desk, _ body: String = daily) async throws -> (path: String, answer: Answer) {
        let path = try await path(desk)
        let answer = try await desk.send(.post, path, body)
        return ("\(path)/\(answer.text("id"))", answer)
    }

    @Test func `a schedule is made, read and listed as documented`() async throws {
        let desk = try await Desk()
        let (path, answer) = try await Self.made(desk)
        #expect(answer.status == 201)
        #expect(
            answer.json.names == [
                "id", "name", "instance_id", "count", "recurrence_type", "day_of_week", "day_of_month",
                "valid_for_in_minutes", "timezone", "time_of_day", "notification_group_id", "last_run_at",
                "next_run_at",
                "tokens_used_since_last_run", "tokens_generated_since_last_run", "tokens_available_since_last_run",
                "created_at",
            ])
        #expect(answer.json["day_of_week"] == 1 && answer.json["day_of_month"] == 15)
        #expect(answer.json["time_of_day"] == "08:00")
        // It is 23:00 in Sydney.
        #expect(answer.json["next_run_at"] == "2025-10-29T21:00:00Z")
        #expect(answer.json["last_run_at"] == .null && answer.json["created_at"] == "2025-10-29T12:00:00Z")
        #expect(try await desk.send(.get, path).text == answer.text)
        let list = path.prefix { $0 != "?" }.split(separator: "/").dropLast().joined(separator: "/")
        #expect(try await desk.send(.get, "/" + list).text == "[\(answer.text)]")
        #expect(try await desk.send(.get, String(path.dropFirst("/captive".count))).text == answer.text)
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
    func `a wrong field is refused by POST and PUT, is named, and changes nothing`(
        change: String, field: String
    ) async throws {
        let desk = try await Desk()
        let (path, made) = try await Self.made(desk)
        let put = try await desk.send(.put, path, change)
        #expect(put.status == 400 && put.text("message").hasPrefix("The '\(field)' parameter "))
        #expect(try await desk.send(.get, path).text == made.text)
        let whole = #"{"name":"A","count":1,"recurrence_type":"daily","valid_for_in_minutes":1,"timezone":"Etc/UTC"}"#
        let parts = try [whole, change].map { try JSONParser.parse(Array($0.utf8)) }
        guard case .object(let good) = parts[0], case .object(let bad) = parts[1] else { return }
        let body = JSONValue.object(good.filter { $0.name != field } + bad)
        let post = try await desk.send(.post, try await Self.path(desk), String(decoding: body.bytes, as: UTF8.self))
        #expect(post.status == 400 && post.text("message").hasPrefix("The '\(field)' parameter "))
    }

    @Test(arguments: [
        ("Europe/Berlim", "Europe/Berlin"), ("sydney", "Australia/Sydney"), ("europe/berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
    ])
    func `an unknown time zone is refused with the nearest one`(zone: String, nearest: String) async throws {
        let desk = try await Desk()
        let (_, answer) = try await Self.made(desk, Self.daily.replacing("Australia/Sydney", with: zone))
        #expect(answer.status == 400 && answer.text("code") == "parameter_invalid")
        #expect(answer.text("message").hasSuffix("Did you mean '\(nearest)'?"))
    }

    @Test(arguments: ["weekly", "monthly"])
    func `a recurrence needs its day`(kind: String) async throws {
        let desk = try await Desk()
        let day = kind == "weekly" ? "day_of_week" : "day_of_month"
        for value in ["", #""\#(day)":null,"#] {
            let body = """
                {"name":"A","count":1,\(value)"recurrence_type":"\(kind)","valid_for_in_minutes":1,"timezone":"Etc/UTC"}
                """
            let (_, answer) = try await Self.made(desk, body)
            #expect(answer.status == 400 && answer.text("code") == "parameter_missing")
            #expect(answer.text("message").contains("'\(day)'"))
        }
        let (path, made) = try await Self.made(desk)
        #expect(try await desk.send(.put, path, #"{"recurrence_type":"\#(kind)","\#(day)":null}"#).status == 400)
        #expect(try await desk.send(.get, path).text == made.text)
        #expect(try await desk.send(.put, path, #"{"recurrence_type":"\#(kind)"}"#).status == 202)
    }

    @Test(arguments: [("weekly", "day_of_week"), ("monthly", "day_of_month")])
    func `a schedule that has no day cannot come to need one`(kind: String, day: String) async throws {
        let desk = try await Desk()
        let daily = #"{"name":"A","count":1,"recurrence_type":"daily","valid_for_in_minutes":1,"timezone":"Etc/UTC"}"#
        let (path, made) = try await Self.made(desk, daily)
        let refused = try await desk.send(.put, path, #"{"recurrence_type":"\#(kind)"}"#)
        #expect(refused.status == 409 && refused.text("message").contains("'\(day)'"))
        #expect(try await desk.send(.get, path).text == made.text)
        #expect(try await desk.send(.put, path, #"{"recurrence_type":"\#(kind)","\#(day)":1}"#).status == 202)
        #expect(try await desk.send(.put, path, #"{"\#(day)":null}"#).status == 409)
    }

    @Test func `a change keeps what it does not name and plans the next run anew`() async throws {
        let desk = try await Desk()
        let (path, made) = try await Self.made(desk)
        let renamed = try await desk.send(.put, path, #"{"name":"Nightly"}"#)
        #expect(renamed.status == 202)
        #expect(renamed.text == made.text.replacing("Daily Guest Passes", with: "Nightly"))
        let monthly = try await desk.send(
            .put, path, #"{"recurrence_type":"monthly","day_of_month":31,"timezone":"Etc/UTC","time_of_day":"23:30"}"#)
        #expect(monthly.json["next_run_at"] == "2025-10-31T23:30:00Z")
        #expect(monthly.json["count"] == 20 && monthly.json["name"] == "Nightly")
        #expect(try await desk.send(.get, path).text == monthly.text)
    }

    @Test func `what a GET printed may be sent back`() async throws {
        let desk = try await Desk()
        let (path, made) = try await Self.made(desk)
        let answer = try await desk.send(.put, path, made.text)
        #expect(answer.status == 202 && answer.text == made.text)
    }

    @Test func `a run that is due is not lost by a change of name`() async throws {
        let desk = try await Desk()
        let (path, made) = try await Self.made(desk)
        desk.time.advance(12 * 3_600)
        let token = try await desk.token()
        let renamed = try await desk.send(.put, path, #"{"name":"Late"}"#, token: token)
        #expect(renamed.json["next_run_at"] == made.json["next_run_at"])
    }

    @Test func `a run makes the coupons now and leaves the next run`() async throws {
        let desk = try await Desk()
        let (path, made) = try await Self.made(desk)
        desk.time.advance(60)
        let run = try await desk.send(.post, path + "/run")
        #expect(run.status == 201 && run.rows.count == 20)
        #expect(run.rows.allSatisfy { $0["expires_at"] == "2025-10-29T20:01:00Z" })
        #expect(run.rows.first?.names == ["id", "code", "expires_at", "redeemed_at", "created_at"])
        let after = try await desk.send(.get, path)
        #expect(after.json["last_run_at"] == "2025-10-29T12:01:00Z")
        #expect(after.json["next_run_at"] == made.json["next_run_at"])
        #expect(after.json["tokens_generated_since_last_run"] == 20)
        #expect(after.json["tokens_available_since_last_run"] == 20 && after.json["tokens_used_since_last_run"] == 0)
    }

    @Test func `a run that asks for something is refused, since it would not be heeded`() async throws {
        let desk = try await Desk()
        let (path, _) = try await Self.made(desk)
        let answer = try await desk.send(.post, path + "/run", #"{"count":1}"#)
        #expect(answer.status == 400)
        #expect(answer.text("code") == "parameter_unknown")
        #expect(try await desk.send(.get, path).json["last_run_at"] == .null)
        #expect(try await desk.send(.delete, path, #"{"dry_run":true}"#).status == 400)
        #expect(try await desk.send(.post, path + "/run", "{}").status == 201)
        #expect(try await desk.send(.delete, path, "null").status == 204)
    }

    @Test func `a schedule tells its notification group of a run`() async throws {
        let desk = try await Desk()
        let mail = try #require(EmailAddress("desk@hotel.example"))
        let group = NotificationGroup(
            workspace: .default, name: "Desk", emails: [mail], webhook: nil, createdAt: desk.time.now)
        try await desk.store.create(group)
        let body = Self.daily.replacing(#""count""#, with: #""notification_group_id":"\#(group.id)","count""#)
        let (path, made) = try await Self.made(desk, body)
        #expect(made.text("notification_group_id") == "\(group.id)")
        #expect(try await desk.send(.post, path + "/run").status == 201)
        let now = desk.time.now + 1
        let told = try await desk.store.claimDeliveries(
            now: now, lease: now + 60, slots: DeliverySlots(total: 100, perWorkspace: 100))
        #expect(
            told.map(\.notification.scheduleName) == ["Daily Guest Passes"] && told.map(\.notification.count) == [20])
        let removed = try await desk.send(.put, path, #"{"notification_group_id":null}"#)
        #expect(removed.json["notification_group_id"] == .null)
    }

    @Test func `a workspace runs its schedules so often in an hour, and another its own`() async throws {
        let desk = try await Desk(runsPerHour: 3)
        let (path, _) = try await Self.made(desk)
        for _ in 0..<3 { #expect(try await desk.send(.post, path + "/run").status == 201) }
        let refused = try await desk.send(.post, path + "/run")
        #expect(refused.status == 429 && refused.text("code") == "rate_limited")
        #expect(refused.headers["Retry-After"] == "3600")
        let tenant = try await desk.token(try #require(Workspace(rawValue: "tenant")))
        let other = try await desk.send(.post, path + "/run", token: tenant)
        #expect(other.status == 404, "not its schedule, and not its limit")
        desk.time.advance(3_601)
        #expect(try await desk.send(.post, path + "/run").status == 201)
    }

    @Test func `a schedule goes with its coupons`() async throws {
        let desk = try await Desk()
        let (path, _) = try await Self.made(desk)
        _ = try await desk.send(.post, path + "/run")
        #expect(try await desk.send(.delete, path).status == 204)
        for (method, suffix) in [(.get, ""), (.delete, ""), (.post, "/run"), (.get, "/generate_url")]
            as [(HTTPServer.Method, String)]
        {
            #expect(try await desk.send(method, path + suffix).status == 404)
        }
        let coupons = path.components(separatedBy: "/coupon-schedules")[0] + "/coupons"
        #expect(try await desk.send(.get, coupons).text == "[]")
    }

    @Test func `another workspace and another instance know nothing of a schedule`() async throws {
        let desk = try await Desk()
        let (path, made) = try await Self.made(desk)
        let stranger = try await desk.token(try #require(Workspace(rawValue: "other")))
        let elsewhere = "\(try await Self.path(desk))/\(made.text("id"))"
        for (target, token) in [(path, stranger), (elsewhere, desk.token)] {
            #expect(try await desk.send(.get, target, token: token).status == 404)
            #expect(try await desk.send(.put, target, "{}", token: token).status == 404)
            #expect(try await desk.send(.delete, target, token: token).status == 404)
            #expect(try await desk.send(.post, target + "/run", token: token).status == 404)
            #expect(try await desk.send(.get, target + "/generate_url", token: token).status == 404)
        }
        #expect(try await desk.send(.get, path).text == made.text)
    }
}
