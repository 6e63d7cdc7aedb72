import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage
import Testing

@testable import ControlAPI

struct WalledGardenTests {
    private static let site = "a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6"
    private static let target = "/captive/walled-garden/\(site)"

    private func desk() async throws -> Desk {
        let desk = try await Desk()
        #expect(try await desk.send(.put, SiteTests.target, SiteTests.body()).status == 202)
        return desk
    }

    @Test(
        arguments: [
            target, "/walled-garden/\(site)", "/sites/\(site)/walled-garden-entries",
        ])
    func `an entry is made, read, changed and deleted, at the newest path and at older ones`(target: String)
        async throws
    {
        let desk = try await desk()
        let body = #"{"name":"Google Authentication Servers","ip_address":"172.217.16.0/24","type":"captive-auth"}"#
        let made = try await desk.send(.post, target, body)
        #expect(made.status == 201)
        let id = made.text("id")
        let printed = """
            {"id":"\(id)","name":"Google Authentication Servers","ip_address":"172.217.16.0/24","host":null,\
            "type":"captive-auth","created_at":"2025-10-29T12:00:00Z"}
            """
        #expect(made.text == printed)
        #expect(try await desk.send(.get, target).text == "[\(printed)]")
        #expect(try await desk.send(.get, "\(target)/\(id)").text == printed)
        let changed = try await desk.send(.put, "\(target)/\(id)", #"{"host":"*.Example.com","type":null}"#)
        #expect(changed.status == 202)
        #expect(changed.text("host") == "*.example.com")
        #expect(changed.json["ip_address"] == .null)
        #expect(changed.json["type"] == .null)
        #expect(try await desk.send(.put, "\(target)/\(id)", changed.text).text == changed.text, "sent back as printed")
        #expect(try await desk.send(.delete, "\(target)/\(id)").status == 204)
        #expect(try await desk.send(.get, "\(target)/\(id)").status == 404)
        #expect(try await desk.send(.delete, "\(target)/\(id)").status == 404)
    }

    @Test func `a single address is printed without its length`() async throws {
        let desk = try await desk()
        let made = try await desk.send(.post, Self.target, #"{"name":"x","ip_address":"192.0.2.7/32"}"#)
        #expect(made.text("ip_address") == "192.0.2.7")
        #expect(made.json["type"] == .null)
    }

    @Test(
        arguments: [
            (#"{"ip_address":"192.0.2.7"}"#, "parameter_missing", "name"),
            (#"{"name":"x"}"#, "parameter_missing", "ip_address"),
            (#"{"name":"x","ip_address":null,"host":null}"#, "parameter_missing", "ip_address"),
            (#"{"name":"x","ip_address":"192.0.2.7","host":"a.example"}"#, "parameter_invalid", "host"),
            (#"{"name":"x","ip_address":"2001:db8::/32"}"#, "parameter_invalid", "ip_address"),
            (#"{"name":"x","ip_address":"a.example"}"#, "parameter_invalid", "ip_address"),
            (#"{"name":"x","ip_address":"192.0.2.7/33"}"#, "parameter_invalid", "ip_address"),
            (#"{"name":"x","host":"https://a.example"}"#, "parameter_invalid", "host"),
            (#"{"name":"x","host":"192.0.2.7"}"#, "parameter_invalid", "host"),
            (#"{"name":"x","host":"captive.apple.com"}"#, "parameter_invalid", "captive.apple.com"),
            (#"{"name":"x","host":"*.gstatic.com"}"#, "parameter_invalid", "connectivitycheck.gstatic.com"),
            (#"{"name":"x","ip_address":"0.0.0.0/0"}"#, "parameter_invalid", "0.0.0.0/0"),
            (#"{"name":"x","host":"a.example","type":"captive"}"#, "parameter_invalid", "type"),
            (#"{"name":"x","host":"a.example","port":443}"#, "parameter_unknown", "port"),
        ])
    func `a wrong entry is refused, and told why`(body: String, code: String, named: String) async throws {
        let desk = try await desk()
        let answer = try await desk.send(.post, Self.target, body)
        #expect(answer.status == 400)
        #expect(answer.text("code") == code)
        #expect(answer.text("message").contains(named))
        #expect(try await desk.send(.get, Self.target).text == "[]")
    }

    @Test func `a change to a probed host is refused and changes nothing`() async throws {
        let desk = try await desk()
        let made = try await desk.send(.post, Self.target, #"{"name":"x","host":"a.example"}"#)
        let item = "\(Self.target)/\(made.text("id"))"
        #expect(try await desk.send(.put, item, #"{"host":"www.msftconnecttest.com"}"#).status == 400)
        #expect(try await desk.send(.get, item).text == made.text)
    }

    @Test func `the same destination twice is a conflict`() async throws {
        let desk = try await desk()
        let body = #"{"name":"x","ip_address":"192.0.2.0/24"}"#
        #expect(try await desk.send(.post, Self.target, body).status == 201)
        let again = try await desk.send(.post, Self.target, #"{"name":"y","ip_address":"192.0.2.9/24"}"#)
        #expect(again.status == 409)
        #expect(again.text("message").contains("192.0.2.0/24"))
    }

    @Test func `another workspace's site, and one that nobody named, have no garden`() async throws {
        let desk = try await desk()
        let token = try await desk.token(try #require(Workspace(rawValue: "other")))
        let body = #"{"name":"x","host":"a.example"}"#
        for (method, json) in [(HTTPServer.Method.get, nil), (.post, body)] as [(HTTPServer.Method, String?)] {
            #expect(try await desk.send(method, Self.target, json, token: token).status == 404)
            #expect(try await desk.send(method, "/captive/walled-garden/\(UUID().text)", json).status == 404)
        }
        #expect(try await desk.send(.get, "/captive/sites/\(Self.site)/walled-garden", token: token).status == 404)
    }
}

struct WalledGardenStateTests {
    private static let target = SiteTests.target + "/walled-garden"
    private let site: UUID

    init() throws { site = try #require(UUID(uuidString: SiteTests.id)) }

    private let portal = WalledGardenRule(.host("portal.example"), port: 443)
    private let entry = WalledGardenRule(.host("a.example"))

    /// A desk whose site has one entry and a router that holds `rules`.
    private func desk(holding rules: [WalledGardenRule], problem: GatewayError? = nil) async throws -> (Desk, String) {
        let desk = try await Desk()
        _ = try await desk.send(.put, SiteTests.target, SiteTests.body())
        let made = try await desk.send(
            .post, "/captive/walled-garden/\(SiteTests.id)", #"{"name":"x","host":"a.example"}"#)
        desk.gateways.set(GatewayHealth(problem: problem), for: site, holding: rules)
        return (desk, made.text("id"))
    }

    @Test func `a router that holds what it should is in sync, and each rule says why it is there`() async throws {
        let (desk, id) = try await desk(holding: [entry, portal])
        desk.gardens.set(WalledGardenStatus(appliedAt: desk.time.now), for: site)
        let printed = """
            {"status":"in_sync","in_sync":true,"reason":null,"explanation":null,"applied_at":"2025-10-29T12:00:00Z",\
            "rules":[{"ip_address":null,"host":"portal.example","port":443,\
            "reasons":[{"kind":"portal","provider":null,"entry_id":null}],"held":true},\
            {"ip_address":null,"host":"a.example","port":null,\
            "reasons":[{"kind":"entry","provider":null,"entry_id":"\(id)"}],"held":true}],"surplus":[]}
            """
        #expect(try await desk.send(.get, Self.target).text == printed)
    }

    @Test func `what is missing and what is too much are named, with the last problem`() async throws {
        let (desk, _) = try await desk(holding: [portal, WalledGardenRule(.host("old.example"))])
        desk.gardens.set(WalledGardenStatus(problem: .forbidden("write")), for: site)
        let answer = try await desk.send(.get, Self.target)
        #expect(answer.text("status") == "out_of_sync")
        #expect(answer.text("reason") == "router_forbidden")
        #expect(answer.json["in_sync"] == .bool(false))
        #expect(answer.text.contains(#""host":"old.example","port":null,"reasons":[],"held":true"#))
        #expect(answer.text.contains(#""held":false"#))
    }

    @Test func `a router that does not answer is failing, and what it should hold is told all the same`() async throws {
        let (desk, _) = try await desk(holding: [], problem: .unreachable("no route"))
        let answer = try await desk.send(.get, Self.target)
        #expect(answer.status == 200)
        #expect(answer.text("status") == "failing")
        #expect(answer.text("reason") == "router_unreachable")
        #expect(answer.text("explanation").contains("no route"))
        #expect(answer.text.contains(#""host":"a.example""#))
        #expect(answer.text.contains(#""held":null"#))
    }

    @Test func `a site without a router, or whose driver drives none, is unguarded`() async throws {
        let (desk, _) = try await desk(holding: [])
        for body in [#"{"router":{"driver":"none"}}"#, #"{"router":null}"#] {
            _ = try await desk.send(.put, SiteTests.target, body)
            #expect(try await desk.send(.get, Self.target).text("status") == "unguarded")
        }
    }
}
