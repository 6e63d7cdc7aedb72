import Captive
import Foundation
import HTTPServer
import Testing

@testable import ControlAPI

struct ListTests {
    @Test func `a cut list leads to its rest, newest first`() async throws {
        let desk = try await Desk()
        for index in 1...5 {
            desk.time.advance(1)
            let body = #"{"name":"\#(index)","strategy":"coupon","session_ttl":1200}"#
            _ = try await desk.send(.post, "/captive/instances", body)
        }
        var target: String? = "/captive/instances?limit=2"
        var pages: [[String]] = []
        while let next = target, pages.count < 9 {
            let answer = try await desk.send(.get, next)
            #expect(answer.status == 200)
            pages.append(answer.rows.map { $0["name"]?.string ?? "" })
            target = try answer.headers["Link"].map(Self.target(of:))
        }
        #expect(pages == [["5", "4"], ["3", "2"], ["1"]])
    }

    @Test func `a list that just fits has no link`() async throws {
        let desk = try await Desk()
        for _ in 1...2 { _ = try await desk.send(.post, "/captive/instances", InstanceTests.coupon) }
        #expect(try await desk.send(.get, "/captive/instances?limit=2").headers["Link"] == nil)
        #expect(try await desk.send(.get, "/captive/instances?limit=1").headers["Link"] != nil)
    }

    @Test func `rows of one moment are told apart`() async throws {
        let desk = try await Desk()
        for _ in 1...5 { _ = try await desk.send(.post, "/captive/auth-integrations", AuthIntegrationTests.github) }
        var target: String? = "/auth-integrations?limit=2"
        var ids: [String] = []
        while let next = target, ids.count < 9 {
            let answer = try await desk.send(.get, next)
            ids += answer.rows.map { $0["id"]?.string ?? "" }
            target = try answer.headers["Link"].map(Self.target(of:))
        }
        #expect(ids.count == 5)
        #expect(Set(ids).count == 5)
    }

    @Test(arguments: [
        "limit=0", "limit=501", "limit=ten", "limit=", "cursor=", "cursor=nonsense",
        "cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "cursor=f_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
    func `a wrong place in a list is refused`(query: String) async throws {
        let answer = try await Desk().send(.get, "/captive/sites?\(query)")
        #expect(answer.status == 400)
        #expect(answer.text("code") == "parameter_invalid")
        #expect(answer.text("message").contains("'\(query.prefix { $0 != "=" })'"))
    }

    @Test(arguments: [
        ("/captive/instances?limt=2", "limt", "limit"), ("/captive/audit-log?recource=x", "recource", "resource"),
        ("/captive/sites/0b7b1e5e-0000-4000-8000-000000000001/users?state=active", "state", "status"),
        ("/captive/auth-integrations?colour=blue", "colour", ""),
        ("/captive/sites/0b7b1e5e-0000-4000-8000-000000000001?limit=1", "limit", ""),
    ])
    func `a mistyped filter is refused, and does not answer the whole list`(
        target: String, name: String, meant: String
    ) async throws {
        let answer = try await Desk().send(.get, target)
        #expect(answer.status == 400 && answer.text("code") == "parameter_unknown")
        #expect(answer.text("message").contains("'\(name)'"))
        #expect(answer.text("message").contains("Did you mean '\(meant)'?") == !meant.isEmpty)
    }

    @Test func `an address that needs no token may have picked up names on its way`() async throws {
        let answer = try await Desk().send(.get, "/captive/openapi.json?utm_source=mail", token: "")
        #expect(answer.status == 200)
    }

    private static func target(of link: String) throws -> String {
        #expect(link.hasPrefix("<https://portal.example/") && link.hasSuffix(">; rel=\"next\""))
        let url = try #require(link.dropFirst().split(separator: ">").first)
        return String(url.dropFirst(Desk.publicURL.count))
    }
}
