import Captive
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

struct AuthIntegrationTests {
    static let github =
        #"{"name":"GitHub","type":"github","config":{"client_id":"Iv1.abc","client_secret":"s3cret-value"}}"#

    @Test func `the client secret is stored and never returned`() async throws {
        let api = try await APIFixture()
        let made = try await api.send(.post, "/captive/auth-integrations", Self.github)
        #expect(made.status == 201)
        let target = "/captive/auth-integrations/\(made.text("id"))"
        let changed = try await api.send(
            .put, target, #"{"name":"Code","type":"github","config":{"client_id":"Iv1.def"}}"#)
        #expect(changed.status == 202)
        let (read, list) = (try await api.send(.get, target), try await api.send(.get, "/captive/auth-integrations"))
        for response in [made, changed, read, list] { #expect(!response.text.contains("s3cret-value")) }
        #expect(read.json["config"] == ["client_id": "Iv1.def", "tenant": .null])
        let id = try #require(UUID(uuidString: made.text("id")))
        #expect(try await api.store.integration(id)?.clientSecret.revealed == "s3cret-value")
    }

    @Test(arguments: [
        (#"{"type":"github","config":{"client_id":"a","client_secret":"b"}}"#, "parameter_missing", "name"),
        (#"{"name":"x","config":{"client_id":"a","client_secret":"b"}}"#, "parameter_missing", "type"),
        (#"{"name":"x","type":"okta","config":{}}"#, "parameter_invalid", "type"),
        (#"{"name":"x","type":"github"}"#, "parameter_missing", "config"),
        (#"{"name":"x","type":"github","config":"a"}"#, "parameter_invalid", "config"),
        (#"{"name":"x","type":"github","config":{"client_secret":"b"}}"#, "parameter_missing", "config.client_id"),
        (#"{"name":"x","type":"github","config":{"client_id":"a"}}"#, "parameter_missing", "config.client_secret"),
        (
            #"{"name":"x","type":"github","config":{"client_id":"a","client_secret":"b","tenant":"common"}}"#,
            "parameter_invalid", "config.tenant"
        ),
        (
            #"{"name":"x","type":"azure","config":{"client_id":"a","client_secret":"b"}}"#, "parameter_missing",
            "config.tenant"
        ),
        (
            #"{"name":"x","type":"azure","config":{"client_id":"a","client_secret":"b","tenant":"a/../b"}}"#,
            "parameter_invalid", "config.tenant"
        ),
        (
            #"{"name":"x","type":"github","config":{"client_id":"a","client_secret":"b","secret":1}}"#,
            "parameter_unknown", "config.secret"
        ),
    ])
    func `an invalid body is rejected and the field named`(body: String, code: String, field: String) async throws {
        let response = try await APIFixture().send(.post, "/captive/auth-integrations", body)
        #expect(response.status == 400)
        #expect(response.text("code") == code)
        #expect(response.text("message").contains("'\(field)'"))
    }

    @Test(arguments: [
        "common", "organizations", "consumers", "contoso.onmicrosoft.com", "72f988bf-86f1-41af-91ab-2d7cd011db47",
    ])
    func `all forms of a directory are accepted`(tenant: String) async throws {
        let body = #"{"name":"x","type":"azure","config":{"client_id":"a","client_secret":"b","tenant":"\#(tenant)"}}"#
        let response = try await APIFixture().send(.post, "/captive/auth-integrations", body)
        #expect(response.status == 201)
        #expect(response.text("config.tenant") == tenant)
    }

    @Test func `a Google integration may be for one Workspace domain`() async throws {
        let api = try await APIFixture()
        let body =
            #"{"name":"x","type":"google","config":{"client_id":"a","client_secret":"b","tenant":"example.org"}}"#
        let made = try await api.send(.post, "/captive/auth-integrations", body)
        #expect(made.status == 201 && made.text("config.tenant") == "example.org")
        let wrong = body.replacing("example.org", with: "common")
        #expect(try await api.send(.post, "/captive/auth-integrations", wrong).text("code") == "parameter_invalid")
    }

    @Test func `the response of a GET can be sent back`() async throws {
        let api = try await APIFixture()
        for body in [Self.github, SeedTests.azure] {
            let id = try await api.send(.post, "/captive/auth-integrations", body).text("id")
            let printed = try await api.send(.get, "/captive/auth-integrations/\(id)")
            #expect(try await api.send(.put, "/captive/auth-integrations/\(id)", printed.text).status == 202)
        }
    }

    @Test func `changing the provider requires a new secret`() async throws {
        let api = try await APIFixture()
        let id = try await api.send(.post, "/captive/auth-integrations", Self.github).text("id")
        let response = try await api.send(
            .put, "/captive/auth-integrations/\(id)", #"{"name":"x","type":"google","config":{"client_id":"a"}}"#)
        #expect(response.status == 400)
        #expect(response.text("message") == "The 'config.client_secret' parameter is required for this request.")
    }

    @Test func `an integration in use cannot be deleted`() async throws {
        let api = try await APIFixture()
        let id = try await api.send(.post, "/captive/auth-integrations", Self.github).text("id")
        let body = #"{"name":"x","strategy":"oauth2","session_ttl":1200,"auth_integration_id":"\#(id)"}"#
        let instance = try await api.send(.post, "/captive/instances", body).text("id")
        let refused = try await api.send(.delete, "/captive/auth-integrations/\(id)")
        #expect(refused.status == 409)
        #expect(refused.text("code") == "conflict")
        #expect(try await api.send(.delete, "/captive/instances/\(instance)").status == 204)
        #expect(try await api.send(.delete, "/captive/auth-integrations/\(id)").status == 204)
        #expect(try await api.send(.get, "/captive/auth-integrations/\(id)").status == 404)
    }

    @Test func `a test URL expires after 24 hours`() async throws {
        let api = try await APIFixture()
        let made = try await api.send(.post, "/captive/auth-integrations", Self.github)
        let target = made.text("test_url").dropFirst(APIFixture.publicURL.count)
        let request = Request(method: .get, target: String(target))
        let (expires, signature) = (request.queryValue("expires"), request.queryValue("signature"))
        let urls = SignedURL(sealer: api.sealer)
        let check = { (path: String, expires: String?, now: Date) throws(SignedURL.Failure) in
            try urls.check(path, expires: expires, signature: signature, now: now)
        }
        try check(request.path, expires, api.time.now + 86_399)
        #expect(throws: SignedURL.Failure.expired) { try check(request.path, expires, api.time.now + 86_400) }
        #expect(throws: SignedURL.Failure.invalid) { try check(request.path + "0", expires, api.time.now) }
        #expect(throws: SignedURL.Failure.invalid) { try check(request.path, "99999999999", api.time.now) }
        #expect(throws: SignedURL.Failure.invalid) { try check(request.path, nil, api.time.now) }
    }
}
