import Captive
import Foundation
import GatewaySimulator
import HTTPClient
import NetworkAddress
import Testing

/// The simulator answers as the real device is known to: statuses, bodies and refusals word for word.
@Suite struct SimulatedRouterTests {
    private func refusal(_ detail: String) -> String {
        #"{"detail":"\#(detail)","error":400,"message":"Bad Request"}"#
    }

    @Test func `an argument that the command tree lacks is refused`() async throws {
        let fixture = try RouterFixture()
        let answer = try await fixture.send(
            "PUT", "ip/hotspot/ip-binding", ["mac-address": "AA:BB:CC:DD:EE:01", "timeout": "1h"])
        #expect(answer.status == 400)
        #expect(answer.text == refusal("unknown parameter timeout"))
        let login = try await fixture.send(
            "POST", "ip/hotspot/active/login", ["user": "a", "password": "b", "server": "portico"])
        #expect(login.text == refusal("unknown parameter server"))
    }

    @Test func `a wrong password is 401 without detail`() async throws {
        let answer = try await RouterFixture().send("GET", "system/resource", credentials: "wrong")
        #expect(answer.status == 401)
        #expect(answer.text == #"{"error":401,"message":"Unauthorized"}"#)
    }

    @Test func `every value is a string and an id is a star and hexadecimal digits`() async throws {
        let fixture = try RouterFixture()
        let body = Array(#"{"name":"a","limit-uptime":3600,"disabled":false}"#.utf8)
        let answer = try await HTTPClient().send(
            HTTPRequest(
                "PUT", "\(fixture.url)/rest/ip/hotspot/user", body: body,
                credentials: .init(user: "portico", password: "router-password")))
        #expect(answer.status == 201)
        let row = try JSONDecoder().decode([String: String].self, from: Data(answer.body))
        #expect(row[".id"] == "*1")
        #expect(row["limit-uptime"] == "1h")
        #expect(row["disabled"] == "false")
        #expect(row["password"] == nil)
        #expect(row["comment"] == nil)
    }

    @Test func `a second row of the same kind is refused in the router's words`() async throws {
        let fixture = try RouterFixture()
        try fixture.addUser(["name": "a"])
        let user = try await fixture.send("PUT", "ip/hotspot/user", ["name": "a"])
        #expect(user.text == refusal("failure: already have user with this name for this server"))
        let entry = ["list": "l", "address": "10.0.0.1", "timeout": "60s"]
        #expect(try await fixture.send("PUT", "ip/firewall/address-list", entry).status == 201)
        let again = try await fixture.send(
            "PUT", "ip/firewall/address-list", ["list": "l", "address": "10.0.0.1/32", "timeout": "90s"])
        #expect(again.text == refusal("failure: already have such entry"))
    }

    @Test func `a profile that is not there is no value of profile`() async throws {
        let answer = try await RouterFixture().send("PUT", "ip/hotspot/user", ["name": "a", "profile": "none"])
        #expect(answer.text == refusal("input does not match any value of profile"))
    }

    @Test func `a removed row is gone, and removing it again is 404`() async throws {
        let fixture = try RouterFixture()
        try fixture.addUser(["name": "a"])
        let first = try await fixture.send("DELETE", "ip/hotspot/user/*1")
        #expect((first.status, first.body) == (204, []))
        let second = try await fixture.send("DELETE", "ip/hotspot/user/*1")
        #expect(second.text == #"{"error":404,"message":"Not Found"}"#)
    }

    @Test func `an encoded star is no id`() async throws {
        let fixture = try RouterFixture()
        try fixture.addUser(["name": "a"])
        let answer = try await fixture.send("DELETE", "ip/hotspot/user/%2A1")
        #expect(answer.text == refusal("missing or invalid resource identifier"))
    }

    @Test func `a path that leads nowhere is refused`() async throws {
        let answer = try await RouterFixture().send("GET", "ip/nonexistent")
        #expect(answer.text == refusal("no such command or directory (nonexistent)"))
    }

    @Test func `a row is found by name where the menu has names, and only there`() async throws {
        let fixture = try RouterFixture()
        let profile = try await fixture.send("GET", "ip/hotspot/user/profile/portico?.proplist=name,shared-users")
        #expect(profile.text == #"{"name":"portico","shared-users":"1"}"#)
        let host = try await fixture.send("GET", "ip/hotspot/host/portico")
        #expect(host.text == refusal("no such command prefix"))
    }

    @Test func `queries are evaluated on a stack`() async throws {
        let fixture = try RouterFixture()
        for name in ["a", "b", "c"] { try fixture.addUser(["name": name, "comment": name == "b" ? "x" : ""]) }
        let body = Array(##"{".proplist":["name"],".query":["name=a","name=b","#|"]}"##.utf8)
        let request = HTTPRequest(
            "POST", "\(fixture.url)/rest/ip/hotspot/user/print", body: body,
            credentials: .init(user: "portico", password: "router-password"))
        #expect(try await HTTPClient().send(request).text == #"[{"name":"a"},{"name":"b"}]"#)
        let commented = try await fixture.send("POST", "ip/hotspot/user/print", ["count-only": ""])
        #expect(commented.text == #"{"ret":"3"}"#)
    }

    @Test func `the time of a user counts over all its sessions`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        try fixture.addUser(["name": "a", "password": "p", "limit-uptime": "100s"])
        let login = ["user": "a", "password": "p", "mac-address": "\(client.mac)", "ip": "\(client.ip)"]
        #expect(try await fixture.send("POST", "ip/hotspot/active/login", login).text == "[]")
        fixture.clock.advance(60)
        let session = try #require(fixture.router.rows("ip/hotspot/active").first?[".id"])
        try await fixture.send("DELETE", "ip/hotspot/active/\(session)")
        try await fixture.send("POST", "ip/hotspot/active/login", login)
        #expect(fixture.router.rows("ip/hotspot/active").map { $0["session-time-left"] } == ["40s"])
        fixture.clock.advance(40)
        #expect(fixture.router.rows("ip/hotspot/active").isEmpty)
        let refused = try await fixture.send("POST", "ip/hotspot/active/login", login)
        #expect(refused.text == refusal("failure: user a has reached uptime limit"))
    }

    @Test func `a login is checked against the hosts`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        try fixture.addUser(["name": "a", "password": "p"])
        var login = ["user": "a", "password": "p", "mac-address": "\(client.mac)", "ip": "10.9.9.9"]
        #expect(
            try await fixture.send("POST", "ip/hotspot/active/login", login).text
                == refusal("failure: unknown host IP 10.9.9.9"))
        login["ip"] = "\(client.ip)"
        login["mac-address"] = "00:00:00:00:00:09"
        #expect(
            try await fixture.send("POST", "ip/hotspot/active/login", login).text
                == refusal("failure: wrong MAC provided"))
        login["mac-address"] = "\(client.mac)"
        login["password"] = "q"
        #expect(
            try await fixture.send("POST", "ip/hotspot/active/login", login).text
                == refusal("failure: invalid username or password"))
    }
}
