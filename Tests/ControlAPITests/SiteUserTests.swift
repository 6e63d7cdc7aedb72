import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage
import Testing

@testable import ControlAPI

struct SiteUserTests {
    /// A desk with a site, and guests with one coupon each at 10.0.0.1, 10.0.0.2, …
    private static func desk(guests: Int) async throws -> (desk: Desk, users: String, instance: Instance) {
        let desk = try await Desk()
        let id = try #require(UUID(uuidString: try await CouponTests.instance(of: desk)))
        let siteID = UUID()
        let body = #"{"sites":[{"id":"\#(siteID.text)","subnets":["10.0.0.0/24"]}]}"#
        #expect(try await desk.send(.put, "/captive/instances/\(id.text)", body).status == 202)
        let instance = try #require(try await desk.store.instance(id))
        for number in 0..<guests {
            let client = GatewayClient(
                mac: try #require(MACAddress(rawValue: UInt64(number + 1))), ip: .v4(0x0A00_0001 + UInt32(number)))
            let coupon = try await desk.store.createCoupons(
                1, for: id, scheduleID: nil, expiresAt: desk.time.now + 60, now: desk.time.now,
                codes: { ControlAPI.randomCode() })
            desk.time.advance(1)
            let redemption = Redemption(
                code: try #require(coupon.first).code, instance: instance, siteID: siteID, client: client,
                device: number == 0 ? "iPhone" : "Android", now: desk.time.now)
            guard case .accepted(let session) = try await desk.store.redeem(redemption) else { continue }
            try await desk.store.confirmNext(for: session.siteDevice, now: desk.time.now)
        }
        return (desk, "/captive/sites/\(siteID.text)/users", instance)
    }

    @Test func `a site's users are listed newest first, with every field`() async throws {
        let (desk, users, instance) = try await Self.desk(guests: 2)
        let listed = try await desk.send(.get, users)
        #expect(listed.rows.map { $0["ip"]?.string } == ["10.0.0.2", "10.0.0.1"])
        let row = try #require(listed.rows.last)
        #expect(
            row.names == [
                "id", "site_id", "instance_id", "mac", "ip", "status", "reason", "strategy", "coupon_id", "identity",
                "device", "created_at", "authorized_at", "expires_at", "ended_at",
            ])
        #expect(row["instance_id"]?.string == instance.id.text)
        #expect(row["mac"] == "00:00:00:00:00:01" && row["status"] == "active" && row["device"] == "iPhone")
        let one = try await desk.send(.get, "\(users)/\(row["id"]?.string ?? "")")
        #expect(one.json == row)
    }

    @Test(arguments: [
        ("status=active", 3), ("status=expired", 0), ("mac=00-00-00-00-00-02", 1), ("ip=10.0.0.3", 1), ("q=IPHONE", 1),
        ("q=%25", 0), ("q=_", 0), ("status=active&q=android", 2), ("status=", 3), ("q=0000.0000.0002", 1),
        ("q=00:02", 1), ("q=0002", 1), ("q=00-00-00-00-00-0", 3), ("q=2", 0), ("q=ab:cd", 0),
    ])
    func `filters choose`(query: String, count: Int) async throws {
        let (desk, users, _) = try await Self.desk(guests: 3)
        #expect(try await desk.send(.get, "\(users)?\(query)").rows.count == count)
    }

    @Test func `a coupon's code finds who used it, and is not repeated`() async throws {
        let (desk, users, instance) = try await Self.desk(guests: 2)
        let made = try await desk.store.createCoupons(
            2, for: instance.id, scheduleID: nil, expiresAt: desk.time.now + 60, now: desk.time.now,
            codes: { ControlAPI.randomCode() })
        let client = GatewayClient(mac: try #require(MACAddress(rawValue: 9)), ip: .v4(0x0A00_0009))
        let siteID = try #require(instance.sites.first?.siteID)
        let redemption = Redemption(
            code: made[0].code, instance: instance, siteID: siteID, client: client, device: nil, now: desk.time.now)
        guard case .accepted(let session) = try await desk.store.redeem(redemption) else {
            Issue.record("the code is refused")
            return
        }
        let code = made[0].code.rawValue
        for separator in ["", "-", "%20"] {
            let text = "\(code.prefix(3).lowercased())\(separator)\(code.dropFirst(3))"
            let found = try await desk.send(.get, "\(users)?q=\(text)")
            #expect(found.rows.map { $0["ip"]?.string } == ["10.0.0.9"], "\(text)")
            #expect(!found.text.contains(code))
        }
        _ = try await desk.store.end(session.id, reason: .admin, now: desk.time.now)
        #expect(try await desk.send(.get, "\(users)?q=\(code)").rows.count == 1, "also when it is over")
        #expect(try await desk.send(.get, "\(users)?q=\(made[1].code.rawValue)").rows.isEmpty)
    }

    @Test(arguments: [
        "status=online", "mac=x", "ip=10.0.0", "limit=501", "cursor=x", "q=" + String(repeating: "a", count: 101),
    ])
    func `a filter that makes no sense is refused by its name`(query: String) async throws {
        let (desk, users, _) = try await Self.desk(guests: 0)
        let refused = try await desk.send(.get, "\(users)?\(query)")
        #expect(refused.status == 400 && refused.text("code") == "parameter_invalid")
        #expect(refused.text("message").contains(query.prefix { $0 != "=" }))
    }

    @Test func `pages follow one another without a gap`() async throws {
        let (desk, users, _) = try await Self.desk(guests: 5)
        var seen: [String] = []
        var next: String? = "\(users)?limit=2"
        while let target = next {
            let page = try await desk.send(.get, target)
            seen += page.rows.compactMap { $0["ip"]?.string }
            next = page.headers["Link"].map { String($0.dropFirst(1 + Desk.publicURL.count).prefix { $0 != ">" }) }
        }
        #expect(seen == (1...5).reversed().map { "10.0.0.\($0)" })
    }

    @Test func `the rest of a filtered list has the same filter`() async throws {
        let (desk, users, _) = try await Self.desk(guests: 3)
        let first = try await desk.send(.get, "\(users)?q=And%3C%3Eroid&limit=1")
        #expect(first.rows.isEmpty && first.headers["Link"] == nil)
        let page = try await desk.send(.get, "\(users)?q=android&status=active&limit=1")
        let link = try #require(page.headers["Link"])
        #expect(link.contains("?q=android&status=active&limit=1&cursor="))
        let rest = String(link.dropFirst("<https://portal.example".count).prefix { $0 != ">" })
        #expect(try await desk.send(.get, rest).rows.map { $0["device"]?.string } == ["Android"])
    }

    @Test func `disconnecting ends the session, marks its device and keeps the record`() async throws {
        let (desk, users, _) = try await Self.desk(guests: 1)
        let id = try await desk.send(.get, users).rows.first?["id"]?.string ?? ""
        let session = try #require(try await desk.store.session(UUID(uuidString: id) ?? UUID()))
        let (device, earlier) = (session.siteDevice, desk.marked.devices.count)
        #expect(try await desk.send(.delete, "\(users)/\(id)").status == 204)
        #expect(desk.marked.devices.dropFirst(earlier) == [device])
        #expect(try await desk.store.state(of: device).next(at: desk.time.now) == .deauthorize(session.client))
        let record = try await desk.send(.get, "\(users)/\(id)")
        #expect(record.text("status") == "disconnected" && record.text("reason") == "admin")
        #expect(try await desk.store.confirmNext(for: device, now: desk.time.now))
        #expect(try await desk.send(.delete, "\(users)/\(id)").status == 204, "again is harmless")
        #expect(desk.marked.devices.count == earlier + 1)
        #expect(try await desk.store.state(of: device) == DeviceState(device: device))
    }

    @Test func `another workspace's site has no users`() async throws {
        let (desk, users, _) = try await Self.desk(guests: 1)
        let stranger = try await desk.token(try #require(Workspace(rawValue: "other")))
        let id = try await desk.send(.get, users).rows.first?["id"]?.string ?? ""
        #expect(try await desk.send(.get, users, token: stranger).status == 404)
        #expect(try await desk.send(.delete, "\(users)/\(id)", token: stranger).status == 404)
    }
}
