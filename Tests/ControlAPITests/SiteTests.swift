import Captive
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

struct SiteTests {
    static let id = "a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6"
    static let target = "/captive/sites/\(id)"
    static let pin = String(repeating: "AB:", count: 31) + "AB"

    static func body(_ more: String = "") -> String {
        """
        {"name":"Harbour Hotel","router":{"driver":"routeros-rest","url":"https://192.168.88.1/","username":"portico",\
        "password":"hunter-2-two","certificate_sha256":"\(pin)"\(more)}}
        """
    }

    @Test func `a site stores its router and does not return the password`() async throws {
        let api = try await APIFixture()
        #expect(try await api.send(.get, Self.target).status == 404)
        let made = try await api.send(.put, Self.target, Self.body())
        #expect(made.status == 202)
        let digest = String(repeating: "ab", count: 32)
        let printed = """
            {"id":"\(Self.id)","name":"Harbour Hotel","router":{"driver":"routeros-rest","url":"https://192.168.88.1",\
            "username":"portico","ca_certificate":null,"certificate_sha256":"\(digest)"},\
            "created_at":"2025-10-29T12:00:00Z"}
            """
        #expect(made.text == printed)
        #expect(try await api.send(.get, Self.target).text == printed)
        #expect(try await api.send(.get, "/captive/sites").text == "[\(printed)]")
    }

    @Test func `only workspaces in drivers.local may use a driver for the portal's own machine`() async throws {
        let api = try await APIFixture()
        let tenant = try await api.token(try #require(Workspace(rawValue: "tenant")))
        let site = "/captive/sites/\(UUID())"
        let refused = try await api.send(.put, site, #"{"router":{"driver":"nftables"}}"#, token: tenant)
        #expect(refused.status == 403 && refused.text("code") == "driver_not_allowed")
        #expect(refused.text("message").contains("drivers.local"))
        #expect(try await api.send(.get, site, token: tenant).status == 404, "nothing was created")
        #expect(try await api.send(.put, Self.target, #"{"router":{"driver":"nftables"}}"#).status == 202)
        let opennds = #"{"router":{"driver":"opennds","faskey":"a-key-of-some-length"}}"#
        #expect(try await api.send(.put, site, opennds, token: tenant).status == 202)
    }

    @Test(arguments: ["127.0.0.1:9090", "[::1]", "169.254.169.254", "0.0.0.0", "[::ffff:127.0.0.1]", "[fe80::1]"])
    func `a local address of a router is rejected`(_ host: String) async throws {
        let api = try await APIFixture()
        let body = Self.body().replacing("192.168.88.1", with: host)
        let refused = try await api.send(.put, Self.target, body)
        #expect(refused.status == 400 && refused.text("code") == "parameter_invalid")
        #expect(refused.text("message").contains("router.url") && refused.text("message").contains("allow_local"))
        #expect(try await api.send(.get, Self.target).status == 404)
    }

    @Test func `an omitted password is kept`() async throws {
        let api = try await APIFixture()
        _ = try await api.send(.put, Self.target, Self.body())
        let printed = try await api.send(.get, Self.target).text
        #expect(try await api.send(.put, Self.target, printed).status == 202)
        let id = try #require(UUID(uuidString: Self.id))
        #expect(try await api.store.site(id)?.router?.password?.revealed == "hunter-2-two")
        #expect(try await api.send(.put, Self.target, #"{"name":"Harbour"}"#).text("router.username") == "portico")
        let cleared = try await api.send(.put, Self.target, #"{"router":null}"#)
        #expect(cleared.json["router"] == .null)
        #expect(cleared.text("name") == "Harbour")
    }

    @Test(arguments: [
        (#"{}"#, "router.driver"), (#"{"driver":"unifi"}"#, "router.driver"),
        (#"{"driver":"routeros-rest"}"#, "router.url"),
        (#"{"driver":"routeros-rest","url":"https://a"}"#, "router.username"),
        (#"{"driver":"routeros-api","url":"api-ssl://a","username":"u"}"#, "router.password"),
        (#"{"driver":"routeros-api","url":"https://a","username":"u","password":"p"}"#, "router.url"),
        (#"{"driver":"routeros-rest","url":"api://a","username":"u","password":"p"}"#, "router.url"),
        (#"{"driver":"routeros-api","url":"api-ssl://a/x","username":"u","password":"p"}"#, "router.url"),
        (#"{"driver":"routeros-rest","url":"https://a/rest","username":"u","password":"p"}"#, "router.url"),
        (#"{"driver":"routeros-rest","url":"https://u:p@a","username":"u","password":"p"}"#, "router.url"),
        (#"{"driver":"routeros-rest","url":"https://a?b","username":"u","password":"p"}"#, "router.url"),
        (#"{"driver":"routeros-rest","url":"ftp://a","username":"u","password":"p"}"#, "router.url"),
        (#"{"driver":"routeros-rest","url":"https://a:70000","username":"u","password":"p"}"#, "router.url"),
        (#"{"driver":"none","url":"https://a:"}"#, "router.url"),
        (#"{"driver":"none","url":"https://"}"#, "router.url"),
        (#"{"driver":"none","url":"https://a b"}"#, "router.url"), (#"{"driver":"none","url":"a"}"#, "router.url"),
        (#"{"driver":"none","certificate_sha256":"abcd"}"#, "router.certificate_sha256"),
        (#"{"driver":"none","ca_certificate":"hello"}"#, "router.ca_certificate"),
        (#"{"driver":"opennds"}"#, "router.faskey"), (#"{"driver":"none","pasword":"x"}"#, "router.pasword"),
    ])
    func `an invalid router is rejected and the field named`(router: String, field: String) async throws {
        let response = try await APIFixture().send(.put, Self.target, #"{"router":\#(router)}"#)
        #expect(response.status == 400)
        #expect(response.text("message").contains("'\(field)'"))
        #expect(!response.text.contains("u:p@a"))
    }

    @Test(arguments: [#"{"driver":"none"}"#, #"{"driver":"nftables"}"#, #"{"driver":"opennds","faskey":"k"}"#])
    func `drivers without a URL require few fields`(router: String) async throws {
        #expect(try await APIFixture().send(.put, Self.target, #"{"router":\#(router)}"#).status == 202)
    }

    @Test(arguments: ["http://router.lan:8080", "https://[fd00::1]:8443", "HTTPS://10.0.0.1/"])
    func `the URL of a router is an origin`(url: String) async throws {
        let router = #"{"driver":"routeros-rest","url":"\#(url)","username":"u","password":"p"}"#
        let response = try await APIFixture().send(.put, Self.target, #"{"router":\#(router)}"#)
        #expect(response.status == 202)
        #expect(url.hasPrefix(response.text("router.url")))
    }

    @Test(arguments: ["api-ssl://router.lan", "api://[fd00::1]:8728/", "API-SSL://10.0.0.1:9000"])
    func `the RouterOS API driver has its own schemes`(url: String) async throws {
        let router = #"{"driver":"routeros-api","url":"\#(url)","username":"u","password":"p"}"#
        let response = try await APIFixture().send(.put, Self.target, #"{"router":\#(router)}"#)
        #expect(response.status == 202)
        #expect(url.hasPrefix(response.text("router.url")))
    }

    @Test func `a CA certificate is returned unchanged`() async throws {
        let api = try await APIFixture()
        let pem = "-----BEGIN CERTIFICATE-----\\nTUlJQg==\\n-----END CERTIFICATE-----\\n"
        let router = #"{"driver":"none","ca_certificate":"\#(pem)"}"#
        let response = try await api.send(.put, Self.target, #"{"router":\#(router)}"#)
        #expect(response.text.contains(#""ca_certificate":"\#(pem)","certificate_sha256":null"#))
        let both = #"{"driver":"none","ca_certificate":"\#(pem)","certificate_sha256":"\#(Self.pin)"}"#
        #expect(try await api.send(.put, Self.target, #"{"router":\#(both)}"#).status == 400)
    }

    @Test func `health reports the problem of a router`() async throws {
        let api = try await APIFixture()
        let id = try #require(UUID(uuidString: Self.id))
        let health = Self.target + "/health"
        #expect(try await api.send(.get, health).status == 404)
        _ = try await api.send(.put, Self.target, #"{"name":"x"}"#)
        #expect(try await api.send(.get, health).text("reason") == "router_missing")
        _ = try await api.send(.put, Self.target, Self.body())
        api.gateways.set(GatewayHealth(version: "7.16.2 (stable)", uptime: 90, name: "hap"), for: id)
        let printed = """
            {"status":"ok","reason":null,"explanation":null,"version":"7.16.2 (stable)","uptime":90,"name":"hap","warnings":[]}
            """
        #expect(try await api.send(.get, health).text == printed)
        api.gateways.set(GatewayHealth(problem: .unauthorized), for: id)
        let failing = try await api.send(.get, health)
        #expect(failing.status == 200)
        #expect(failing.text("status") == "failing")
        #expect(failing.text("reason") == "router_unauthorized")
        #expect(failing.text("explanation") == GatewayError.unauthorized.explanation)
    }

    @Test func `a site with the driver none is healthy`() async throws {
        let api = try await APIFixture()
        _ = try await api.send(.put, Self.target, #"{"router":{"driver":"none"}}"#)
        #expect(try await api.send(.get, Self.target + "/health").text("status") == "ok")
    }

    @Test func `a site that an instance uses cannot be deleted`() async throws {
        let api = try await APIFixture()
        let sites = #"[{"id":"\#(Self.id)","subnets":["10.0.0.0/8"]}]"#
        let body = #"{"name":"x","strategy":"coupon","session_ttl":1200,"sites":\#(sites)}"#
        let instance = try await api.send(.post, "/captive/instances", body).text("id")
        #expect(try await api.send(.get, Self.target).json["router"] == .null)
        #expect(try await api.send(.delete, Self.target).text("code") == "conflict")
        #expect(try await api.send(.delete, "/captive/instances/\(instance)").status == 204)
        #expect(try await api.send(.delete, Self.target).status == 204)
        #expect(try await api.send(.delete, Self.target).status == 404)
    }
}
