import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

struct ListTests {
    @Test func `a list is paginated, newest first`() async throws {
        let api = try await APIFixture()
        for index in 1...5 {
            api.time.advance(1)
            let body = #"{"name":"\#(index)","strategy":"coupon","session_ttl":1200}"#
            _ = try await api.send(.post, "/captive/instances", body)
        }
        var target: String? = "/captive/instances?limit=2"
        var pages: [[String]] = []
        while let next = target, pages.count < 9 {
            let response = try await api.send(.get, next)
            #expect(response.status == 200)
            pages.append(response.rows.map { $0["name"]?.string ?? "" })
            target = try response.headers["Link"].map(Self.target(of:))
        }
        #expect(pages == [["5", "4"], ["3", "2"], ["1"]])
    }

    @Test func `a list that fits on one page has no Link header`() async throws {
        let api = try await APIFixture()
        for _ in 1...2 { _ = try await api.send(.post, "/captive/instances", InstanceTests.coupon) }
        #expect(try await api.send(.get, "/captive/instances?limit=2").headers["Link"] == nil)
        #expect(try await api.send(.get, "/captive/instances?limit=1").headers["Link"] != nil)
    }

    @Test func `rows with the same creation time are paginated correctly`() async throws {
        let api = try await APIFixture()
        for _ in 1...5 { _ = try await api.send(.post, "/captive/auth-integrations", AuthIntegrationTests.github) }
        var target: String? = "/auth-integrations?limit=2"
        var ids: [String] = []
        while let next = target, ids.count < 9 {
            let response = try await api.send(.get, next)
            ids += response.rows.map { $0["id"]?.string ?? "" }
            target = try response.headers["Link"].map(Self.target(of:))
        }
        #expect(ids.count == 5)
        #expect(Set(ids).count == 5)
    }

    @Test(arguments: [
        "limit=0", "limit=501", "limit=ten", "limit=", "cursor=", "cursor=nonsense",
        "cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "cursor=f_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
    func `an invalid limit or cursor is rejected`(query: String) async throws {
        let response = try await APIFixture().send(.get, "/captive/sites?\(query)")
        #expect(response.status == 400)
        #expect(response.text("code") == "parameter_invalid")
        #expect(response.text("message").contains("'\(query.prefix { $0 != "=" })'"))
    }

    @Test(arguments: [
        ("/captive/instances?limt=2", "limt", "limit"), ("/captive/audit-log?recource=x", "recource", "resource"),
        ("/captive/sites/0b7b1e5e-0000-4000-8000-000000000001/users?state=active", "state", "status"),
        ("/captive/auth-integrations?colour=blue", "colour", ""),
        ("/captive/sites/0b7b1e5e-0000-4000-8000-000000000001?limit=1", "limit", ""),
    ])
    func `an unknown query parameter is rejected with a suggestion`(
        target: String, name: String, meant: String
    ) async throws {
        let response = try await APIFixture().send(.get, target)
        #expect(response.status == 400 && response.text("code") == "parameter_unknown")
        #expect(response.text("message").contains("'\(name)'"))
        #expect(response.text("message").contains("Did you mean '\(meant)'?") == !meant.isEmpty)
    }

    @Test func `a public URL ignores unknown query parameters`() async throws {
        let response = try await APIFixture().send(.get, "/captive/openapi.json?utm_source=mail", token: "")
        #expect(response.status == 200)
    }

    private static func target(of link: String) throws -> String {
        #expect(link.hasPrefix("<https://portal.example/") && link.hasSuffix(">; rel=\"next\""))
        let url = try #require(link.dropFirst().split(separator: ">").first)
        return String(url.dropFirst(APIFixture.publicURL.count))
    }
}
