import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

struct InstanceTests {
    static let coupon = #"{"name":"Lobby","strategy":"coupon","session_ttl":43200}"#
    static let site = "a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6"

    @Test(arguments: [
        (#"{}"#, "parameter_missing", "name"),
        (#"{"name":"x","strategy":"coupon"}"#, "parameter_missing", "session_ttl"),
        (#"{"name":"  ","strategy":"coupon","session_ttl":1200}"#, "parameter_invalid", "name"),
        (#"{"name":"a\nb","strategy":"coupon","session_ttl":1200}"#, "parameter_invalid", "name"),
        (#"{"name":null,"strategy":"coupon","session_ttl":1200}"#, "parameter_invalid", "name"),
        (#"{"name":"x","strategy":"sms","session_ttl":1200}"#, "parameter_invalid", "strategy"),
        (#"{"name":"x","strategy":"coupon","session_ttl":1199}"#, "parameter_invalid", "session_ttl"),
        (#"{"name":"x","strategy":"coupon","session_ttl":604801}"#, "parameter_invalid", "session_ttl"),
        (#"{"name":"x","strategy":"coupon","session_ttl":1200.5}"#, "parameter_invalid", "session_ttl"),
        (#"{"name":"x","strategy":"coupon","session_ttl":1.2e3}"#, "parameter_invalid", "session_ttl"),
        (#"{"name":"x","strategy":"coupon","session_ttl":"1200"}"#, "parameter_invalid", "session_ttl"),
        (#"{"name":"x","strategy":"coupon","session_ttl":true}"#, "parameter_invalid", "session_ttl"),
        (#"{"name":"x","strategy":"oauth2","session_ttl":1200}"#, "parameter_missing", "auth_integration_id"),
        (
            #"{"name":"x","strategy":"oauth2","session_ttl":1200,"auth_integration_id":null}"#, "parameter_missing",
            "auth_integration_id"
        ),
        (
            #"{"name":"x","strategy":"oauth2","session_ttl":1200,"auth_integration_id":"x"}"#, "parameter_invalid",
            "auth_integration_id"
        ),
        (
            #"{"name":"x","strategy":"oauth2","session_ttl":1200,"auth_integration_id":"\#(site)"}"#,
            "parameter_invalid", "auth_integration_id"
        ),
        (
            #"{"name":"x","strategy":"coupon","session_ttl":1200,"auth_integration_id":"\#(site)"}"#,
            "parameter_invalid", "auth_integration_id"
        ),
        (#"{"name":"x","strategy":"coupon","session_ttl":1200,"sesion_ttl":1}"#, "parameter_unknown", "sesion_ttl"),
        (#"{"name":"x","strategy":"coupon","session_ttl":1200,"id":"x"}"#, "parameter_unknown", "id"),
        (#"{"nam":"x","strategy":1}"#, "parameter_missing", "name"),
    ])
    func `an invalid body is rejected and the field named`(body: String, code: String, field: String) async throws {
        let response = try await APIFixture().send(.post, "/captive/instances", body)
        #expect(response.status == 400)
        #expect(response.text("code") == code)
        #expect(response.text("message").contains("'\(field)'"))
        #expect(response.text("message").hasSuffix(".") || response.text("message").hasSuffix("?"))
    }

    @Test(arguments: [
        (#"{"auth_window_ttl":119}"#, "auth_window_ttl"), (#"{"auth_window_ttl":901}"#, "auth_window_ttl"),
        (#"{"coupon_ttl":0}"#, "coupon_ttl"), (#"{"locale":"english please"}"#, "locale"),
        (#"{"theme":{"text_color":"red"}}"#, "theme.text_color"), (#"{"theme":[]}"#, "theme"),
        (#"{"sites":{}}"#, "sites"), (#"{"sites":[1]}"#, "sites[0]"),
        (#"{"sites":[{"subnets":["10.0.0.0/8"]}]}"#, "sites[0].id"),
        (#"{"sites":[{"id":"\#(site)"}]}"#, "sites[0].subnets"),
        (#"{"sites":[{"id":"\#(site)","subnets":["10.0.0.0"]}]}"#, "sites[0].subnets[0]"),
        (#"{"sites":[{"id":"\#(site)","subnets":["fc00::/7"]}]}"#, "sites[0].subnets[0]"),
        (#"{"sites":[{"id":"\#(site)","subnets":["0.0.0.0/0"]}]}"#, "sites[0].subnets[0]"),
        (#"{"sites":[{"id":"\#(site)","subnets":["0.0.0.0/1"]}]}"#, "sites[0].subnets[0]"),
        (#"{"sites":[{"id":"\#(site)","subnets":["10.0.0.0/7"]}]}"#, "sites[0].subnets[0]"),
        (#"{"sites":[{"id":"\#(site)","subnets":["10.0.0.0/8","10.1.0.0/16"]}]}"#, "sites[0].subnets[1]"),
        (
            #"{"sites":[{"id":"\#(site)","subnets":["10.0.0.0/8"]},{"id":"\#(site)","subnets":["11.0.0.0/8"]}]}"#,
            "sites[1].id"
        ),
        (#"{"sites":[{"id":"\#(site)","subnets":[],"mask":8}]}"#, "sites[0].mask"),
        (#"{"strategy":"oauth2"}"#, "auth_integration_id"),
    ])
    func `an invalid update is rejected and changes nothing`(body: String, field: String) async throws {
        let api = try await APIFixture()
        let made = try await api.send(.post, "/captive/instances", Self.coupon)
        let target = "/captive/instances/\(made.text("id"))"
        let response = try await api.send(.put, target, body)
        #expect(response.status == 400)
        #expect(response.text("message").contains("'\(field)'"))
        let now = try await api.send(.get, target)
        for name in made.json.names where name != "preview_url" { #expect(now.json[name] == made.json[name]) }
    }

    @Test func `an error message names the valid values`() async throws {
        let api = try await APIFixture()
        let low = try await api.send(
            .post, "/captive/instances", #"{"name":"x","strategy":"coupon","session_ttl":123}"#)
        let range = "The 'session_ttl' parameter must be an integer from 1200 to 604800 (seconds)."
        #expect(low.text("message") == range)
        let typo = try await api.send(
            .post, "/captive/instances", #"{"name":"x","strategy":"coupon","session_ttl":1200,"sesion_ttl":1}"#)
        #expect(typo.text("message") == "Unknown parameter: 'sesion_ttl'. Did you mean 'session_ttl'?")
    }

    @Test func `an omitted field keeps its value`() async throws {
        let api = try await APIFixture()
        let id = try await api.send(.post, "/captive/instances", Self.coupon).text("id")
        let target = "/captive/instances/\(id)"
        let sites = #"[{"id":"\#(Self.site)","subnets":["10.1.2.3/16","192.168.88.0/24"]}]"#
        let first = try await api.send(
            .put, target,
            ##"{"theme":{"accent_color":"#ABC"},"terms_text":"Be kind.\n","locale":"pt-BR","sites":\##(sites)}"##)
        #expect(first.status == 202)
        #expect(first.text("theme.accent_color") == "#aabbcc")
        let second = try await api.send(.put, target, ##"{"theme":{"text_color":"#000000"},"coupon_ttl":5}"##)
        #expect(second.text("theme.accent_color") == "#aabbcc")
        #expect(second.text("theme.text_color") == "#000000")
        #expect(second.text("terms_text") == "Be kind.\n")
        #expect(second.text("locale") == "pt-BR")
        #expect(second.text("name") == "Lobby")
        #expect(second.json["coupon_ttl"] == 5)
        #expect(second.text.contains(#""subnets":["10.1.0.0/16","192.168.88.0/24"]"#))
        let third = try await api.send(.put, target, #"{"sites":[],"terms_text":null}"#)
        #expect(third.json["sites"] == .array([]))
        #expect(third.json["terms_text"] == .null)
    }

    @Test func `the venue info URL can be set and removed`() async throws {
        let api = try await APIFixture()
        let made = try await api.send(.post, "/captive/instances", Self.coupon)
        #expect(made.json["venue_info_url"] == .null)
        let target = "/captive/instances/\(made.text("id"))"
        let url = "https://hotel.example.org/guests?a=%20#wifi"
        _ = try await api.send(.put, target, #"{"venue_info_url":"\#(url)"}"#)
        _ = try await api.send(.put, target, #"{"name":"Bar"}"#)
        #expect(try await api.send(.get, target).text("venue_info_url") == url)
        #expect(try await api.send(.put, target, #"{"venue_info_url":null}"#).json["venue_info_url"] == .null)
    }

    @Test(arguments: [
        "", "javascript:alert(1)", "https://", "https://a:b@c.example/", "/guests", "https://a.example/ b",
    ])
    func `an invalid venue info URL is rejected`(url: String) async throws {
        let api = try await APIFixture()
        let target = "/captive/instances/" + (try await api.send(.post, "/captive/instances", Self.coupon).text("id"))
        let response = try await api.send(.put, target, #"{"venue_info_url":"\#(url)"}"#)
        #expect(response.status == 400)
        #expect(
            response.text("message").hasPrefix(
                "The 'venue_info_url' parameter must be an http or https address such as"))
    }

    @Test func `the response of a GET can be sent back`() async throws {
        let api = try await APIFixture()
        let id = try await api.send(.post, "/captive/instances", Self.coupon).text("id")
        let target = "/captive/instances/\(id)"
        _ = try await api.send(
            .put, target,
            ##"{"theme":{"text_color":"#FEFEFE"},"sites":[{"id":"\##(Self.site)","subnets":["10.0.0.0/8"]}]}"##)
        let printed = try await api.send(.get, target)
        #expect(printed.status == 200)
        let response = try await api.send(.put, target, printed.text)
        #expect(response.status == 202)
        let again = try await api.send(.get, target)
        for name in printed.json.names where name != "preview_url" { #expect(again.json[name] == printed.json[name]) }
    }

    @Test func `two instances cannot have overlapping subnets of a site`() async throws {
        let api = try await APIFixture()
        let body = { (subnet: String) in
            let sites = #"[{"id":"\#(Self.site)","subnets":["\#(subnet)"]}]"#
            return #"{"name":"x","strategy":"coupon","session_ttl":1200,"sites":\#(sites)}"#
        }
        #expect(try await api.send(.post, "/captive/instances", body("10.0.0.0/8")).status == 201)
        let second = try await api.send(.post, "/captive/instances", body("10.1.0.0/16"))
        #expect(second.status == 409)
        #expect(second.text("type") == "conflict_error")
        #expect(second.text("code") == "conflict")
        #expect(try await api.send(.post, "/captive/instances", body("11.0.0.0/8")).status == 201)
    }

    @Test func `unreadable text colors cause a warning`() async throws {
        let api = try await APIFixture()
        let id = try await api.send(.post, "/captive/instances", Self.coupon).text("id")
        let pale = try await api.send(
            .put, "/captive/instances/\(id)", ##"{"theme":{"text_color":"#eeeeee","secondary_text_color":"#000"}}"##)
        let warnings = pale.json["warnings"].map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        #expect(warnings.contains(#""field":"text_color""#))
        #expect(!warnings.contains(#""field":"secondary_text_color""#))
        let dark = try await api.send(
            .put, "/captive/instances/\(id)", ##"{"theme":{"text_color":"#111111","accent_color":"#003050"}}"##)
        #expect(dark.json["warnings"] == .array([]))
    }

    @Test func `a deleted instance is not found`() async throws {
        let api = try await APIFixture()
        let id = try await api.send(.post, "/captive/instances", Self.coupon).text("id")
        let response = try await api.send(.delete, "/captive/instances/\(id)")
        #expect(response.status == 204)
        #expect(response.text.isEmpty)
        for method in [HTTPServer.Method.get, .delete] {
            #expect(try await api.send(method, "/captive/instances/\(id)").text("code") == "resource_not_found")
        }
        #expect(try await api.send(.put, "/captive/instances/\(id)", "{}").status == 404)
        #expect(try await api.send(.get, "/captive/instances/no-uuid").status == 404)
    }

    @Test func `changing the strategy to coupon removes the integration`() async throws {
        let api = try await APIFixture()
        let integration = try await api.send(.post, "/captive/auth-integrations", SeedTests.azure).text("id")
        let body = #"{"name":"x","strategy":"oauth2","session_ttl":1200,"auth_integration_id":"\#(integration)"}"#
        let id = try await api.send(.post, "/captive/instances", body).text("id")
        let response = try await api.send(.put, "/captive/instances/\(id)", #"{"strategy":"coupon"}"#)
        #expect(response.status == 202)
        #expect(response.json["auth_integration_id"] == .null)
        #expect(try await api.send(.delete, "/captive/auth-integrations/\(integration)").status == 204)
    }

    @Test func `a preview URL expires after 24 hours`() async throws {
        let api = try await APIFixture()
        let made = try await api.send(.post, "/captive/instances", Self.coupon)
        let token = made.text("preview_url").split(separator: "=").last.map(String.init) ?? ""
        let previews = SealedToken(sealer: api.sealer, purpose: PreviewTicket.purpose)
        let ticket = PreviewTicket(message: try previews.open(token, now: api.time.now + 86_399))
        #expect(ticket?.instanceID.text == made.text("id"))
        #expect(throws: SealedToken.Failure.expired) { try previews.open(token, now: api.time.now + 86_400) }
    }
}
