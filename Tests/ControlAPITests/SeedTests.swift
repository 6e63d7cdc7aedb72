import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

/// The requests and responses in the documents that specify the API, with real values for their placeholders.
struct SeedTests {
    static let azure = """
        {
          "name": "Azure AD - Corporate",
          "type": "azure",
          "config": {
            "client_id": "a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6",
            "client_secret": "YOUR_CLIENT_SECRET",
            "tenant": "organizations"
          }
        }
        """

    @Test(arguments: ["/captive/auth-integrations", "/auth-integrations"])
    func `updating an integration returns the documented response`(path: String) async throws {
        let api = try await APIFixture()
        let id = try await api.send(.post, path, Self.azure).text("id")
        let response = try await api.send(.put, "\(path)/\(id)", Self.azure)
        #expect(response.status == 202)
        #expect(response.headers["Content-Type"] == "application/json")
        let printed = """
            {
              "id": "\(id)",
              "name": "Azure AD - Corporate",
              "type": "azure",
              "config": {
                "client_id": "a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6",
                "tenant": "organizations"
              },
              "test_url": "\(response.text("test_url"))",
              "created_at": "2025-10-29T12:00:00Z"
            }
            """
        #expect(try response.json == JSONParser.parse(Array(printed.utf8)))
        #expect(response.text("test_url").hasPrefix("https://portal.example/auth-test/\(id)?expires="))
        #expect(response.text("test_url").contains("&signature="))
    }

    @Test(arguments: ["/captive/instances", "/instances"])
    func `creating an instance returns the documented response`(path: String) async throws {
        let api = try await APIFixture()
        let integration = try await api.send(.post, "/captive/auth-integrations", Self.azure).text("id")
        let body = """
            {
              "name": "Main Office Guest WiFi",
              "strategy": "oauth2",
              "session_ttl": 43200,
              "auth_integration_id": "\(integration)"
            }
            """
        let response = try await api.send(.post, path, body)
        #expect(response.status == 201)
        let printed = """
            {
              "id": "\(response.text("id"))",
              "auth_integration_id": "\(integration)",
              "strategy": "oauth2",
              "name": "Main Office Guest WiFi",
              "session_ttl": 43200,
              "auth_window_ttl": 300,
              "coupon_ttl": 86400,
              "theme": {
                "logo": null,
                "icon": null,
                "accent_text": "#ffffff",
                "accent_color": "#0396d5",
                "text_color": "#4f4f4f",
                "secondary_text_color": "#8f8f8f",
                "background_color": "#f9f9f9",
                "border_color": "#e0e0e0",
                "box_color": "#ffffff"
              },
              "terms_text": null,
              "locale": "en",
              "sites": [],
              "created_at": "2025-10-29T12:00:00Z",
              "preview_url": "\(response.text("preview_url"))"
            }
            """
        let members = try Self.members(JSONParser.parse(Array(printed.utf8)))
        #expect(try Self.members(response.json).dropLast(2) == members[...])
        #expect(response.json.names.suffix(2) == ["warnings", "venue_info_url"])
        #expect(response.text("preview_url").hasPrefix("https://portal.example/preauth?token="))
    }

    @Test func `updating an instance accepts all documented fields`() async throws {
        let api = try await APIFixture()
        let integration = try await api.send(.post, "/captive/auth-integrations", Self.azure).text("id")
        let create = #"{"name": "x", "strategy": "coupon", "session_ttl": 1200}"#
        let id = try await api.send(.post, "/captive/instances", create).text("id")
        let body = """
            {
              "name": "Main Office Guest WiFi", "strategy": "oauth2", "session_ttl": 43200,
              "auth_integration_id": "\(integration)", "auth_window_ttl": 300,
              "theme": {"accent_text": "#FFFFFF", "accent_color": "#0396d5", "text_color": "#4f4f4f",
                "secondary_text_color": "#8f8f8f", "background_color": "#f9f9f9", "border_color": "#e0e0e0",
                "box_color": "#ffffff"},
              "terms_text": "By connecting, you agree to our terms of service...",
              "sites": [{"id": "a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6", "subnets": ["192.168.88.0/24"]}]
            }
            """
        let response = try await api.send(.put, "/captive/instances/\(id)", body)
        #expect(response.status == 202)
        let sites = #"[{"id":"a1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6","subnets":["192.168.88.0/24"]}]"#
        #expect(response.json["sites"].map { String(decoding: $0.bytes, as: UTF8.self) } == sites)
        #expect(response.text("terms_text") == "By connecting, you agree to our terms of service...")
        #expect(response.text("auth_integration_id") == integration)
    }

    @Test func `a missing name causes the documented error`() async throws {
        let api = try await APIFixture()
        let response = try await api.send(.post, "/captive/instances", #"{"strategy":"coupon","session_ttl":43200}"#)
        #expect(response.status == 400)
        let printed = """
            {"type":"invalid_request_error","code":"parameter_missing",\
            "message":"The 'name' parameter is required for this request.",\
            "doc_url":"https://portal.example/errors/parameter_missing"}
            """
        #expect(response.text == printed)
    }

    private static func members(_ value: JSONValue) throws -> [JSONValue.Member] {
        guard case .object(let members) = value else { throw NotAnObject() }
        return members
    }

    private struct NotAnObject: Error {}
}
