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

    /// A desk whose site has guests who signed in under these names, a second apart, and the list's path.
    private func desk(_ names: [String]) async throws -> (Desk, String) {
        let desk = try await Desk()
        let id = try #require(UUID(uuidString: try await CouponTests.instance(of: desk)))
        let siteID = UUID()
        let body = #"{"sites":[{"id":"\#(siteID.text)","subnets":["10.0.0.0/16"]}]}"#
        #expect(try await desk.send(.put, "/captive/instances/\(id.text)", body).status == 202)
        let instance = try #require(try await desk.store.instance(id))
        for (number, name) in names.enumerated() {
            let client = GatewayClient(
                mac: try #require(MACAddress(rawValue: UInt64(number + 1))), ip: .v4(0x0A00_0001 + UInt32(number)))
            let identity = GuestSession.Identity(provider: .github, subject: "\(number)", email: nil, name: name)
            _ = try await desk.store.admit(
                Admission(
                    instance: instance, siteID: siteID, client: client, identity: identity, device: "iPhone",
                    now: desk.time.now))
            desk.time.advance(1)
        }
        return (desk, "/captive/sites/\(siteID.text)/users")
    }

    /// The lines of the table, without the mark at its start.
    private func lines(_ answer: Answer) -> [String] {
        #expect(answer.text.hasPrefix("\u{FEFF}"))
        #expect(answer.text.hasSuffix("\r\n"))
        return answer.text.dropFirst().components(separatedBy: "\r\n").dropLast()
    }

    private let csv: Headers = ["Accept": "text/csv"]

    @Test func `a table has a line for each user, newest first, with the fields of the list`() async throws {
        let (desk, users) = try await desk(["Ann", "Bob"])
        let answer = try await desk.send(.get, users, headers: csv)
        #expect(answer.headers["Content-Type"] == "text/csv; charset=utf-8; header=present")
        #expect(answer.headers["Content-Disposition"] == "attachment; filename=\"users.csv\"")
        let lines = lines(answer)
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
    func `a name does nothing in a spreadsheet, and comes out whole`(name: String, cell: String) async throws {
        let (desk, users) = try await desk([name])
        #expect(try await desk.send(.get, users, headers: csv).text.contains(",\(cell),iPhone,"))
    }

    @Test func `filters choose lines, and a limit says where the table goes on`() async throws {
        let (desk, users) = try await desk(["Ann", "Bob", "Bea"])
        #expect(lines(try await desk.send(.get, users + "?q=b", headers: csv)).count == 3)
        let first = try await desk.send(.get, users + "?q=b&limit=1", headers: csv)
        #expect(lines(first).count == 2)
        let link = try #require(first.headers["Link"])
        let rest = String(link.dropFirst("<https://portal.example".count).prefix { $0 != ">" })
        let last = try await desk.send(.get, rest, headers: csv)
        #expect(lines(last)[1].contains(",Bob,"))
        #expect(last.headers["Link"] == nil)
        #expect(try await desk.send(.get, users + "?status=online", headers: csv).text("code") == "parameter_invalid")
    }

    @Test func `more users than are read at a time are all there`() async throws {
        let (desk, users) = try await desk((0..<1_001).map { "Guest \($0)" })
        let answer = try await desk.send(.get, users, headers: csv)
        #expect(Set(lines(answer)).count == 1_002)
        #expect(answer.headers["Link"] == nil)
    }

    @Test(
        arguments: [
            ("text/csv", true), ("text/csv, application/json;q=0.5", true), ("TEXT/CSV;header=present", true),
            ("application/json", false), ("*/*", false), ("text/*", false), ("text/csv;q=0", false), ("", false),
            ("text/csv;q=0.5, application/json", false),
        ])
    func `who prefers a table gets one`(accept: String, isTable: Bool) async throws {
        let (desk, users) = try await desk(["Ann"])
        let answer = try await desk.send(.get, users, headers: ["Accept": accept])
        #expect(answer.headers["Content-Type"]?.hasPrefix("text/csv") == isTable)
    }
}
