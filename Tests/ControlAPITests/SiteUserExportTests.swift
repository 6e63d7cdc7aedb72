import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage
import Testing

@testable import ControlAPI

struct SiteUserExportTests {
    private static let header = """
        id,site_id,instance_id,mac,ip,status,reason,strategy,coupon_id,identity_provider,identity_subject,identity_email,\
        identity_name,device,created_at,authorized_at,expires_at,ended_at
        """

    /// A fixture whose site has guests with these names who signed in a second apart, and the path of the list.
    private func api(_ names: [String]) async throws -> (APIFixture, String) {
        let api = try await APIFixture()
        let id = try #require(UUID(uuidString: try await CouponTests.instance(of: api)))
        let siteID = UUID()
        let body = #"{"sites":[{"id":"\#(siteID.text)","subnets":["10.0.0.0/16"]}]}"#
        #expect(try await api.send(.put, "/captive/instances/\(id.text)", body).status == 202)
        let instance = try #require(try await api.store.instance(id))
        for (number, name) in names.enumerated() {
            let client = GatewayClient(
                mac: try #require(MACAddress(rawValue: UInt64(number + 1))), ip: .v4(0x0A00_0001 + UInt32(number)))
            let identity = GuestSession.Identity(provider: .github, subject: "\(number)", email: nil, name: name)
            _ = try await api.store.admit(
                Admission(
                    instance: instance, siteID: siteID, client: client, identity: identity, device: "iPhone",
                    now: api.time.now))
            api.time.advance(1)
        }
        return (api, "/captive/sites/\(siteID.text)/users")
    }

    /// The lines of the table, without the byte order mark.
    private func lines(_ response: APIResponse) -> [String] {
        #expect(response.text.hasPrefix("\u{FEFF}"))
        #expect(response.text.hasSuffix("\r\n"))
        return response.text.dropFirst().components(separatedBy: "\r\n").dropLast()
    }

    private let csv: Headers = ["Accept": "text/csv"]

    @Test func `a table has one line per user, newest first, with the fields of the list`() async throws {
        let (api, users) = try await api(["Ann", "Bob"])
        let response = try await api.send(.get, users, headers: csv)
        #expect(response.headers["Content-Type"] == "text/csv; charset=utf-8; header=present")
        #expect(response.headers["Content-Disposition"] == "attachment; filename=\"users.csv\"")
        let lines = lines(response)
        #expect(lines.count == 3)
        #expect(lines[0] == Self.header)
        #expect(lines[1].hasSuffix(",github,1,,Bob,iPhone,2025-10-29T12:00:01Z,,2025-10-30T00:00:01Z,"))
        #expect(lines[2].contains(",00:00:00:00:00:01,10.0.0.1,connecting,,oauth2,,github,0,,Ann,"))
    }

    @Test(
        arguments: [
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""), ("+1", "'+1"), ("-1", "'-1"),
            ("@x", "'@x"),
            ("\tx", "'\tx"), ("=\u{200D}1", "'=\u{200D}1"), ("＝1", "'＝1"), ("a, b", "\"a, b\""),
            ("a \"b\"", "\"a \"\"b\"\"\""), ("Jürgen 😀", "Jürgen 😀"),
            ("a\nb", "\"a\nb\""), ("1=1", "1=1"),
        ])
    func `a name is escaped against CSV injection`(name: String, cell: String) async throws {
        let (api, users) = try await api([name])
        #expect(try await api.send(.get, users, headers: csv).text.contains(",\(cell),iPhone,"))
    }

    @Test func `filters and a limit apply to the table`() async throws {
        let (api, users) = try await api(["Ann", "Bob", "Bea"])
        #expect(lines(try await api.send(.get, users + "?q=b", headers: csv)).count == 3)
        let first = try await api.send(.get, users + "?q=b&limit=1", headers: csv)
        #expect(lines(first).count == 2)
        let link = try #require(first.headers["Link"])
        let rest = String(link.dropFirst("<https://portal.example".count).prefix { $0 != ">" })
        let last = try await api.send(.get, rest, headers: csv)
        #expect(lines(last)[1].contains(",Bob,"))
        #expect(last.headers["Link"] == nil)
        #expect(try await api.send(.get, users + "?status=online", headers: csv).text("code") == "parameter_invalid")
    }

    @Test func `a table contains more users than one database read`() async throws {
        let (api, users) = try await api((0..<1_001).map { "Guest \($0)" })
        let response = try await api.send(.get, users, headers: csv)
        #expect(Set(lines(response)).count == 1_002)
        #expect(response.headers["Link"] == nil)
    }

    @Test(
        arguments: [
            ("text/csv", true), ("text/csv, application/json;q=0.5", true), ("TEXT/CSV;header=present", true),
            ("application/json", false), ("*/*", false), ("text/*", false), ("text/csv;q=0", false), ("", false),
            ("text/csv;q=0.5, application/json", false),
        ])
    func `CSV is returned if it is preferred to JSON`(accept: String, isTable: Bool) async throws {
        let (api, users) = try await api(["Ann"])
        let response = try await api.send(.get, users, headers: ["Accept": accept])
        #expect(response.headers["Content-Type"]?.hasPrefix("text/csv") == isTable)
    }
}
