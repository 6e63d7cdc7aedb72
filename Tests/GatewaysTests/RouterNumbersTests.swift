import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

/// Invalid numbers from a router neither crash the program nor are accepted.
@Suite struct RouterNumbersTests {
    private static let extremes = [
        "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615",
        "4611686018427387904",
        "-1", "0", "1", "", " ", "+5", "1.5", "1e308", "NaN", "inf", "0x7fffffffffffffff", "٣", "½", "\u{0}",
        String(repeating: "9", count: 5_000),
    ]

    @Test func `counters are in range or unknown`() throws {
        var row = ["user": "portico-AABBCCDDEEFF", "mac-address": "AA:BB:CC:DD:EE:FF", "address": "10.5.0.2"]
        for (limit, received, sent) in Self.extremes.flatMap({ one in
            Self.extremes.flatMap { two in Self.extremes.map { (one, two, $0) } }
        }) {
            (row["limit-bytes-total"], row["bytes-in"], row["bytes-out"]) = (limit, received, sent)
            let entry = try #require(RouterOSGateway.entry(row))
            #expect(entry.bytesLeft.map { (0...1 << 60).contains($0) } ?? true, "\(limit) \(received) \(sent)")
        }
        row.merge(["limit-bytes-total": "1000", "bytes-in": "300", "bytes-out": "200"]) { $1 }
        #expect(RouterOSGateway.entry(row)?.bytesLeft == 500)
        row["bytes-out"] = nil
        #expect(RouterOSGateway.entry(row)?.bytesLeft == 700)
    }

    @Test func `a duration is less than a hundred years or refused`() {
        var dice = SeededGenerator(state: 7)
        let parts = ["w", "d", "h", "m", "s", "ms", ":", " ", "-", "59", "1", "35"] + Self.extremes
        for _ in 0..<20_000 {
            let text = (0..<Int.random(in: 0...7, using: &dice)).map { _ in parts.randomElement(using: &dice) ?? "" }
                .joined()
            let seconds = RouterOSDuration.seconds(in: text)
            #expect(seconds.map { (0...100 * 366 * 86_400).contains($0) } ?? true, "\(text)")
        }
        #expect(RouterOSDuration.seconds(in: String(repeating: "1w", count: 6_000)) == nil)
        #expect(RouterOSDuration.seconds(in: "9223372036854775807w9223372036854775807s") == nil)
        #expect(RouterOSDuration.seconds(in: "1w2d3h4m5s") == 788_645)
        #expect(RouterOSDuration.seconds(in: "1w2d03:04:05") == 788_645)
        #expect(RouterOSDuration.seconds(in: "900ms") == 0)
    }

    @Test func `a date is valid or refused`() throws {
        let dates =
            ["2026-11-21", "nov/21/2026", "9999-12-31", "1970-01-01", "10000-01-01", "0000-00-00", "2026-02-30"]
            + Self.extremes.flatMap { ["\($0)-01-01", "2026-\($0)-01", "2026-01-\($0)", "jan/01/\($0)"] }
        let times =
            ["00:00:00", "23:59:60", "24:00:00", "1:2", ":::", "::"] + Self.extremes.map { "\($0):\($0):\($0)" }
        let offsets = ["+05:30", "-14:59", "+15:00", "x", "-"] + Self.extremes.flatMap { ["+\($0):00", "-00:\($0)"] }
        let range = -100_000.0...253_402_400_000
        for (day, time, offset) in dates.flatMap({ day in
            times.flatMap { time in offsets.map { (day, time, $0) } }
        }) {
            let date = RouterOSClock.date(in: ["date": day, "time": time, "gmt-offset": offset])
            #expect(date.map { range.contains($0.timeIntervalSince1970) } ?? true, "\(day) \(time) \(offset)")
        }
        let row = ["date": "2026-11-21", "time": "07:15:13", "gmt-offset": "-03:00"]
        #expect(RouterOSClock.date(in: row) == (try Date("2026-11-21T10:15:13Z", strategy: .iso8601)))
    }

    @Test func `numbers of openNDS are in range or refused`() {
        for text in Self.extremes {
            let row = #"{"mac":"02:00:00:00:00:0a","ip":"10.0.0.1","session_end":"\#(text)"}"#
            let end = NdsClient.all(in: Array(row.utf8))?.first?.endsAt
            #expect(end.map { (1...253_402_300_799).contains($0) } ?? true, "\(text)")
            for uptime in ["\(text)d", "\(text)d \(text)h \(text)m \(text)s", "1s \(text)d"] {
                let status = NdsStatus("openNDS Status\nUptime: \(uptime)\nWalled Garden Ports: none\nVersion: \(text)")
                #expect(status?.uptime.map { $0 >= 0 } ?? true, "\(uptime)")
            }
        }
    }

    @Test func `numbers of nft are in range`() throws {
        for text in ["9223372036854775807", "-9223372036854775808", "-1", "1e308", "1e18", "null", "\"x\""] {
            let json = """
                {"nftables": [{"set": {"name": "guests", "elem": [
                  {"elem": {"val": "02:00:00:00:00:01", "expires": \(text)}}]}}]}
                """
            let listing = NftListing(json: Array(json.utf8))
            let left = listing?.guests.values.allSatisfy { (0...10 * 366 * 86_400).contains($0) }
            #expect(left != false, "\(text)")
        }
    }

    @Test func `an error of the kernel may be any number`() {
        for word: [UInt8] in [[0, 0, 0, 0x80], [0xFF, 0xFF, 0xFF, 0x7F], [0, 0, 0, 0], []] {
            _ = NetlinkMessage(type: NetlinkMessage.error, payload: word).errno
        }
        #expect(NetlinkMessage(type: NetlinkMessage.error, payload: [0xFE, 0xFF, 0xFF, 0xFF]).errno.code == 2)
    }

    /// The name in the question has a pointer into itself.
    @Test func `a name with a pointer loop is refused`() {
        let labels = Array(repeating: [UInt8(63)] + Array(repeating: 0x61, count: 63), count: 3).flatMap(\.self)
        let head: [UInt8] = [0, 0, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0]
        #expect(DNSAnswer(message: head + labels + [0xC0, 12]) == nil)
        let address: [UInt8] = [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 1]
        #expect(DNSAnswer(message: head + labels + [0, 0, 1, 0, 1] + address)?.ttl == 9)
        #expect(DNSAnswer(message: head + labels + labels + [0, 0, 1, 0, 1] + address) == nil)
    }
}
