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

    private func api() async throws -> APIFixture {
        let api = try await APIFixture()
        #expect(try await api.send(.put, SiteTests.target, SiteTests.body()).status == 202)
        return api
    }

    @Test(
        arguments: [
            target, "/walled-garden/\(site)", "/sites/\(site)/walled-garden-entries",
        ])
    func `an entry is created, read, updated and deleted at the current and legacy paths`(target: String)
        async throws
    {
        let api = try await api()
        let body = #"{"name":"Google Authentication Servers","ip_address":"172.217.16.0/24","type":"captive-auth"}"#
        let made = try await api.send(.post, target, body)
        #expect(made.status == 201)
        let id = made.text("id")
        let printed = """
            {"id":"\(id)","name":"Google Authentication Servers","ip_address":"172.217.16.0/24","host":null,\
            "type":"captive-auth","created_at":"2025-10-29T12:00:00Z"}
            """
        #expect(made.text == printed)
        #expect(try await api.send(.get, target).text == "[\(printed)]")
        #expect(try await api.send(.get, "\(target)/\(id)").text == printed)
        let changed = try await api.send(.put, "\(target)/\(id)", #"{"host":"*.Example.com","type":null}"#)
        #expect(changed.status == 202)
        #expect(changed.text("host") == "*.example.com")
        #expect(changed.json["ip_address"] == .null)
        #expect(changed.json["type"] == .null)
        #expect(try await api.send(.put, "\(target)/\(id)", changed.text).text == changed.text, "sent back unchanged")
        #expect(try await api.send(.delete, "\(target)/\(id)").status == 204)
        #expect(try await api.send(.get, "\(target)/\(id)").status == 404)
        #expect(try await api.send(.delete, "\(target)/\(id)").status == 404)
    }

    @Test func `a single address is returned without a prefix length`() async throws {
        let api = try await api()
        let made = try await api.send(.post, Self.target, #"{"name":"x","ip_address":"192.0.2.7/32"}"#)
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
    func `an invalid entry is rejected with a reason`(body: String, code: String, named: String) async throws {
        let api = try await api()
        let response = try await api.send(.post, Self.target, body)
        #expect(response.status == 400)
        #expect(response.text("code") == code)
        #expect(response.text("message").contains(named))
        #expect(try await api.send(.get, Self.target).text == "[]")
    }

    @Test func `a change to a probe host is rejected and changes nothing`() async throws {
        let api = try await api()
        let made = try await api.send(.post, Self.target, #"{"name":"x","host":"a.example"}"#)
        let item = "\(Self.target)/\(made.text("id"))"
        #expect(try await api.send(.put, item, #"{"host":"www.msftconnecttest.com"}"#).status == 400)
        #expect(try await api.send(.get, item).text == made.text)
    }

    @Test func `the same destination twice is a conflict`() async throws {
        let api = try await api()
        let body = #"{"name":"x","ip_address":"192.0.2.0/24"}"#
        #expect(try await api.send(.post, Self.target, body).status == 201)
        let again = try await api.send(.post, Self.target, #"{"name":"y","ip_address":"192.0.2.9/24"}"#)
        #expect(again.status == 409)
        #expect(again.text("message").contains("192.0.2.0/24"))
    }

    @Test func `the walled garden of an unknown site is not found`() async throws {
        let api = try await api()
        let token = try await api.token(try #require(Workspace(rawValue: "other")))
        let body = #"{"name":"x","host":"a.example"}"#
        for (method, json) in [(HTTPServer.Method.get, nil), (.post, body)] as [(HTTPServer.Method, String?)] {
            #expect(try await api.send(method, Self.target, json, token: token).status == 404)
            #expect(try await api.send(method, "/captive/walled-garden/\(UUID().text)", json).status == 404)
        }
        #expect(try await api.send(.get, "/captive/sites/\(Self.site)/walled-garden", token: token).status == 404)
    }
}

struct WalledGardenStateTests {
    private static let target = SiteTests.target + "/walled-garden"
    private let site: UUID

    init() throws { site = try #require(UUID(uuidString: SiteTests.id)) }

    private let portal = WalledGardenRule(.host("portal.example"), port: 443)
    private let entry = WalledGardenRule(.host("a.example"))

    /// A fixture whose site has one entry and a router with `rules`.
    private func api(holding rules: [WalledGardenRule], problem: GatewayError? = nil) async throws -> (
        APIFixture, String
    ) {
        let api = try await APIFixture()
        _ = try await api.send(.put, SiteTests.target, SiteTests.body())
        let made = try await api.send(
            .post, "/captive/walled-garden/\(SiteTests.id)", #"{"name":"x","host":"a.example"}"#)
        api.gateways.set(GatewayHealth(problem: problem), for: site, holding: rules)
        return (api, made.text("id"))
    }

    @Test func `a router with the desired rules is in sync, and each rule has its reasons`() async throws {
        let (api, id) = try await api(holding: [entry, portal])
        api.gardens.set(WalledGardenStatus(appliedAt: api.time.now), for: site)
        let printed = """
            {"status":"in_sync","in_sync":true,"reason":null,"explanation":null,"applied_at":"2025-10-29T12:00:00Z",\
            "rules":[{"ip_address":null,"host":"portal.example","port":443,\
            "reasons":[{"kind":"portal","provider":null,"entry_id":null}],"held":true},\
            {"ip_address":null,"host":"a.example","port":null,\
            "reasons":[{"kind":"entry","provider":null,"entry_id":"\(id)"}],"held":true}],"surplus":[]}
            """
        #expect(try await api.send(.get, Self.target).text == printed)
    }

    @Test func `missing and surplus rules are returned with the last problem`() async throws {
        let (api, _) = try await api(holding: [portal, WalledGardenRule(.host("old.example"))])
        api.gardens.set(WalledGardenStatus(problem: .forbidden("write")), for: site)
        let response = try await api.send(.get, Self.target)
        #expect(response.text("status") == "out_of_sync")
        #expect(response.text("reason") == "router_forbidden")
        #expect(response.json["in_sync"] == .bool(false))
        #expect(response.text.contains(#""host":"old.example","port":null,"reasons":[],"held":true"#))
        #expect(response.text.contains(#""held":false"#))
    }

    @Test func `a router that does not respond is failing, and the desired rules are returned`() async throws {
        let (api, _) = try await api(holding: [], problem: .unreachable("no route"))
        let response = try await api.send(.get, Self.target)
        #expect(response.status == 200)
        #expect(response.text("status") == "failing")
        #expect(response.text("reason") == "router_unreachable")
        #expect(response.text("explanation").contains("no route"))
        #expect(response.text.contains(#""host":"a.example""#))
        #expect(response.text.contains(#""held":null"#))
    }

    @Test func `a site without a controlled router is unguarded`() async throws {
        let (api, _) = try await api(holding: [])
        for body in [#"{"router":{"driver":"none"}}"#, #"{"router":null}"#] {
            _ = try await api.send(.put, SiteTests.target, body)
            #expect(try await api.send(.get, Self.target).text("status") == "unguarded")
        }
    }
}
