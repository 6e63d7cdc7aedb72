import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage
import Testing

@testable import ControlAPI

struct SiteUserTests {
    /// A fixture with a site, and guests with one coupon each at 10.0.0.1, 10.0.0.2, …
    private static func api(guests: Int) async throws -> (api: APIFixture, users: String, instance: Instance) {
        let api = try await APIFixture()
        let id = try #require(UUID(uuidString: try await CouponTests.instance(of: api)))
        let siteID = UUID()
        let body = #"{"sites":[{"id":"\#(siteID.text)","subnets":["10.0.0.0/24"]}]}"#
        #expect(try await api.send(.put, "/captive/instances/\(id.text)", body).status == 202)
        let instance = try #require(try await api.store.instance(id))
        for number in 0..<guests {
            let client = GatewayClient(
                mac: try #require(MACAddress(rawValue: UInt64(number + 1))), ip: .v4(0x0A00_0001 + UInt32(number)))
            let coupon = try await api.store.createCoupons(
                1, for: id, scheduleID: nil, expiresAt: api.time.now + 60, now: api.time.now,
                codes: { ControlAPI.randomCode() })
            api.time.advance(1)
            let redemption = Redemption(
                code: try #require(coupon.first).code, instance: instance, siteID: siteID, client: client,
                device: number == 0 ? "iPhone" : "Android", now: api.time.now)
            guard case .accepted(let session) = try await api.store.redeem(redemption) else { continue }
            try await api.store.confirmNext(for: session.siteDevice, now: api.time.now)
        }
        return (api, "/captive/sites/\(siteID.text)/users", instance)
    }

    @Test func `a site's users are listed newest first, with every field`() async throws {
        let (api, users, instance) = try await Self.api(guests: 2)
        let listed = try await api.send(.get, users)
        #expect(listed.rows.map { $0["ip"]?.string } == ["10.0.0.2", "10.0.0.1"])
        let row = try #require(listed.rows.last)
        #expect(
            row.names == [
                "id", "site_id", "instance_id", "mac", "ip", "status", "reason", "strategy", "coupon_id", "identity",
                "device", "created_at", "authorized_at", "expires_at", "ended_at",
            ])
        #expect(row["instance_id"]?.string == instance.id.text)
        #expect(row["mac"] == "00:00:00:00:00:01" && row["status"] == "active" && row["device"] == "iPhone")
        let one = try await api.send(.get, "\(users)/\(row["id"]?.string ?? "")")
        #expect(one.json == row)
    }

    @Test(arguments: [
        ("status=active", 3), ("status=expired", 0), ("mac=00-00-00-00-00-02", 1), ("ip=10.0.0.3", 1), ("q=IPHONE", 1),
        ("q=%25", 0), ("q=_", 0), ("status=active&q=android", 2), ("status=", 3), ("q=0000.0000.0002", 1),
        ("q=00:02", 1), ("q=0002", 1), ("q=00-00-00-00-00-0", 3), ("q=2", 0), ("q=ab:cd", 0),
    ])
    func `filters select users`(query: String, count: Int) async throws {
        let (api, users, _) = try await Self.api(guests: 3)
        #expect(try await api.send(.get, "\(users)?\(query)").rows.count == count)
    }

    @Test func `a coupon code finds its user and is not returned`() async throws {
        let (api, users, instance) = try await Self.api(guests: 2)
        let made = try await api.store.createCoupons(
            2, for: instance.id, scheduleID: nil, expiresAt: api.time.now + 60, now: api.time.now,
            codes: { ControlAPI.randomCode() })
        let client = GatewayClient(mac: try #require(MACAddress(rawValue: 9)), ip: .v4(0x0A00_0009))
        let siteID = try #require(instance.sites.first?.siteID)
        let redemption = Redemption(
            code: made[0].code, instance: instance, siteID: siteID, client: client, device: nil, now: api.time.now)
        guard case .accepted(let session) = try await api.store.redeem(redemption) else {
            Issue.record("the code is refused")
            return
        }
        let code = made[0].code.rawValue
        for separator in ["", "-", "%20"] {
            let text = "\(code.prefix(3).lowercased())\(separator)\(code.dropFirst(3))"
            let found = try await api.send(.get, "\(users)?q=\(text)")
            #expect(found.rows.map { $0["ip"]?.string } == ["10.0.0.9"], "\(text)")
            #expect(!found.text.contains(code))
        }
        _ = try await api.store.end(session.id, reason: .admin, now: api.time.now)
        #expect(try await api.send(.get, "\(users)?q=\(code)").rows.count == 1, "also when it is over")
        #expect(try await api.send(.get, "\(users)?q=\(made[1].code.rawValue)").rows.isEmpty)
    }

    @Test(arguments: [
        "status=online", "mac=x", "ip=10.0.0", "limit=501", "cursor=x", "q=" + String(repeating: "a", count: 101),
    ])
    func `an invalid filter is rejected and named`(query: String) async throws {
        let (api, users, _) = try await Self.api(guests: 0)
        let refused = try await api.send(.get, "\(users)?\(query)")
        #expect(refused.status == 400 && refused.text("code") == "parameter_invalid")
        #expect(refused.text("message").contains(query.prefix { $0 != "=" }))
    }

    @Test func `pages follow each other without gaps`() async throws {
        let (api, users, _) = try await Self.api(guests: 5)
        var seen: [String] = []
        var next: String? = "\(users)?limit=2"
        while let target = next {
            let page = try await api.send(.get, target)
            seen += page.rows.compactMap { $0["ip"]?.string }
            next = page.headers["Link"].map {
                String($0.dropFirst(1 + APIFixture.publicURL.count).prefix { $0 != ">" })
            }
        }
        #expect(seen == (1...5).reversed().map { "10.0.0.\($0)" })
    }

    @Test func `the next page of a filtered list has the same filter`() async throws {
        let (api, users, _) = try await Self.api(guests: 3)
        let first = try await api.send(.get, "\(users)?q=And%3C%3Eroid&limit=1")
        #expect(first.rows.isEmpty && first.headers["Link"] == nil)
        let page = try await api.send(.get, "\(users)?q=android&status=active&limit=1")
        let link = try #require(page.headers["Link"])
        #expect(link.contains("?q=android&status=active&limit=1&cursor="))
        let rest = String(link.dropFirst("<https://portal.example".count).prefix { $0 != ">" })
        #expect(try await api.send(.get, rest).rows.map { $0["device"]?.string } == ["Android"])
    }

    @Test func `disconnecting ends the session, marks its device and keeps the record`() async throws {
        let (api, users, _) = try await Self.api(guests: 1)
        let id = try await api.send(.get, users).rows.first?["id"]?.string ?? ""
        let session = try #require(try await api.store.session(UUID(uuidString: id) ?? UUID()))
        let (device, earlier) = (session.siteDevice, api.marked.devices.count)
        #expect(try await api.send(.delete, "\(users)/\(id)").status == 204)
        #expect(api.marked.devices.dropFirst(earlier) == [device])
        #expect(try await api.store.state(of: device).next(at: api.time.now) == .deauthorize(session.client))
        let record = try await api.send(.get, "\(users)/\(id)")
        #expect(record.text("status") == "disconnected" && record.text("reason") == "admin")
        #expect(try await api.store.confirmNext(for: device, now: api.time.now))
        #expect(try await api.send(.delete, "\(users)/\(id)").status == 204, "again is harmless")
        #expect(api.marked.devices.count == earlier + 1)
        #expect(try await api.store.state(of: device) == DeviceState(device: device))
    }

    @Test func `users of another workspace's site are not found`() async throws {
        let (api, users, _) = try await Self.api(guests: 1)
        let otherToken = try await api.token(try #require(Workspace(rawValue: "other")))
        let id = try await api.send(.get, users).rows.first?["id"]?.string ?? ""
        #expect(try await api.send(.get, users, token: otherToken).status == 404)
        #expect(try await api.send(.delete, "\(users)/\(id)", token: otherToken).status == 404)
    }
}
