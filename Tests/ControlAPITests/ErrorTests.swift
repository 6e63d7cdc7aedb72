import Captive
import Foundation
import HTTPServer
import Images
import Storage
import Testing

@testable import ControlAPI

struct ErrorTests {
    @Test func `each code has its status and its type`() {
        let table: [(Int, String, [String])] = [
            (
                400, "invalid_request_error",
                ["json_invalid", "parameter_missing", "parameter_invalid", "parameter_unknown"]
            ),
            (401, "authentication_error", ["token_missing", "token_invalid", "token_expired"]),
            (
                403, "permission_error",
                ["scope_missing", "driver_not_allowed", "tls_required", "signature_invalid", "signature_expired"]
            ),
            (404, "not_found_error", ["resource_not_found", "route_not_found"]),
            (405, "invalid_request_error", ["method_not_allowed"]), (409, "conflict_error", ["conflict"]),
            (413, "invalid_request_error", ["payload_too_large"]),
            (415, "invalid_request_error", ["media_type_unsupported"]), (429, "rate_limit_error", ["rate_limited"]),
            (500, "api_error", ["internal_error"]), (502, "api_error", ["router_unreachable"]),
            (503, "api_error", ["unavailable"]),
        ]
        #expect(table.flatMap(\.2).sorted() == ErrorCode.allCases.map(\.rawValue).sorted())
        for (status, type, codes) in table {
            for code in codes.compactMap(ErrorCode.init(rawValue:)) {
                #expect(code.status.rawValue == status && code.type == type)
            }
        }
    }

    @Test func `each code has a page with meaning and remedy`() throws {
        let templates = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Templates")
        let file = try Data(contentsOf: templates.appending(path: "api-errors.json"))
        let guide = try JSONSerialization.jsonObject(with: file)
        let entries = try #require(guide as? [String: [String: String]])
        #expect(Set(entries.keys) == Set(ErrorCode.allCases.map(\.rawValue)))
        for (code, entry) in entries {
            #expect(entry["type"] == ErrorCode(rawValue: code)?.type)
            #expect(entry["status"]?.hasPrefix("\(ErrorCode(rawValue: code)?.status.rawValue ?? 0)") == true)
            #expect(entry["meaning"]?.isEmpty == false && entry["remedy"]?.isEmpty == false)
        }
    }

    @Test(arguments: [
        "", "nul", "[]", "7", #"{"a":1"#, #"{"a":1,"a":2}"#, #"{"a":1} x"#, #"{"a":01}"#, "{'a':1}", #"{"a":"\ud800"}"#,
        #"{"a":1,}"#, String(repeating: "[", count: 100), "{\"a\":\"\u{1}\"}",
    ])
    func `a body that is not a JSON object is rejected`(body: String) async throws {
        let response = try await APIFixture().send(.post, "/captive/instances", body)
        #expect(response.status == 400)
        #expect(response.text("code") == "json_invalid")
        #expect(response.text("message").hasSuffix("."))
    }

    @Test func `a full database causes unavailable with Retry-After`() async throws {
        let api = try await APIFixture()
        _ = try await api.database.write { try $0.rows("PRAGMA max_page_count = 1", []) }
        let name = String(repeating: "x", count: 60)
        var response = try await api.send(.post, "/captive/instances", InstanceTests.coupon)
        for _ in 1...200 where response.status == 201 {
            let body = #"{"name":"\#(name)","strategy":"coupon","session_ttl":1200}"#
            response = try await api.send(.post, "/captive/instances", body)
        }
        #expect(response.status == 503 && response.text("code") == "unavailable")
        #expect(response.headers["Retry-After"] == "60")
        #expect(api.log.lines.contains { $0.hasPrefix("error") && $0.contains("disk") })
        _ = try await api.database.write { try $0.rows("PRAGMA max_page_count = 1000000", []) }
        #expect(try await api.send(.post, "/captive/instances", InstanceTests.coupon).status == 201)
    }

    @Test func `a body in another encoding is rejected`() async throws {
        let api = try await APIFixture()
        let latin = try await api.send(
            .post, "/captive/instances", InstanceTests.coupon,
            headers: ["Content-Type": "application/json; charset=iso-8859-1"])
        #expect(latin.text("code") == "json_invalid")
        let fine = try await api.send(
            .post, "/captive/instances", InstanceTests.coupon,
            headers: ["Content-Type": "application/json; charset=UTF-8"])
        #expect(fine.status == 201)
    }

    @Test(arguments: ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json"])
    func `another media type is rejected`(type: String) async throws {
        let response = try await APIFixture().send(
            .post, "/captive/instances", InstanceTests.coupon, headers: ["Content-Type": type])
        #expect(response.status == 415)
        #expect(response.text("code") == "media_type_unsupported")
    }

    @Test func `an unknown path or method causes an API error`() async throws {
        let api = try await APIFixture()
        let path = try await api.send(.get, "/captive/nothing")
        #expect(path.status == 404)
        #expect(path.json.names == ["type", "code", "message", "doc_url"])
        #expect(path.text("doc_url") == "https://portal.example/errors/route_not_found")
        let method = try await api.send(.patch, "/captive/instances")
        #expect(method.status == 405)
        #expect(method.headers["Allow"]?.contains("POST") == true)
        #expect(method.text("code") == "method_not_allowed")
    }

    @Test(arguments: [(Status.contentTooLarge, "payload_too_large"), (.unsupportedMediaType, "media_type_unsupported")])
    func `errors of the server have the API's format`(status: Status, code: String) async throws {
        let api = try await APIFixture()
        let response = try APIResponse(try #require(api.controlAPI.errorResponse(for: status)))
        #expect(response.status == status.rawValue)
        #expect(response.text("code") == code)
    }

    @Test func `the API owns its paths, but no guest pages`() {
        for path in ["/captive", "/captive/x", "/instances", "/instances/1/coupons", "/auth-integrations/x"] {
            #expect(ControlAPI.owns(path: path))
        }
        for path in ["/", "/preauth", "/captive/assets/x.png", "/captive-portal/api", "/errors/conflict"] {
            #expect(!ControlAPI.owns(path: path))
        }
    }

    @Test func `the size of bodies is limited for each route`() async throws {
        for route in try await APIFixture().controlAPI.routes {
            let hasBody = route.method == .put || route.method == .post && !route.pattern.hasSuffix("/run")
            let limit =
                route.method == .post && route.pattern.contains("/images/") ? Image.largestFile + 65_536 : 1 << 20
            #expect(route.bodyLimit == (hasBody ? limit : 0))
        }
    }

    @Test func `a request is logged in one line without secrets`() async throws {
        let api = try await APIFixture()
        _ = try await api.send(.post, "/auth-integrations", AuthIntegrationTests.github)
        _ = try await api.send(.put, SiteTests.target, SiteTests.body(#","nonsense":1"#))
        _ = try await api.send(.get, "/captive/audit-log?token_id=hidden-query")
        #expect(api.log.lines.count == 3)
        #expect(api.log.lines[0].contains("method=POST"))
        #expect(api.log.lines[0].contains("route=/auth-integrations status=201 token="))
        #expect(api.log.lines[1].contains("status=400"))
        for secret in ["s3cret-value", "hunter-2-two", "hidden-query", api.token] {
            #expect(!api.log.lines.joined().contains(secret))
        }
    }

    @Test func `the response to an unexpected error has no details`() async throws {
        let response = ErrorResponder(publicURL: APIFixture.publicURL).response(to: CocoaError(.fileReadNoSuchFile))
        #expect(response.status.rawValue == 500)
        let body = try APIResponse(response)
        #expect(body.text("code") == "internal_error")
        #expect(!body.text.contains("Cocoa"))
    }
}
