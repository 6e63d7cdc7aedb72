import Foundation
import Testing

@testable import TimeZones

@Suite struct ZoneFileTests {
    private let berlin: [UInt8]

    init() throws {
        berlin = Array(try Data(contentsOf: URL(filePath: ZoneDatabase.system.directory + "/Europe/Berlin")))
    }

    @Test func `a truncated file is refused`() {
        for length in 0..<berlin.count { #expect(ZoneRules(file: Array(berlin[..<length])) == nil) }
    }

    @Test func `no changed byte of a file crashes the parser`() {
        for index in berlin.indices {
            for value in [0, 0x7F, 0xFF] as [UInt8] {
                var file = berlin
                file[index] = value
                _ = ZoneRules(file: file)?.firstInstant(atLocal: 1_800_000_000)
            }
        }
    }

    @Test(arguments: [
        "", "X", "CET", "CET-1CEST", "CET-25", "CET-1CEST,M3.5.0", "CET-1CEST,M13.1.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0",
        "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J365", "CET-1CEST,0,366", "CET-1CEST,M3.5.0/168,M10.5.0",
        "CET-1CEST,M3.5.0,M10.5.0/", "CET-1CEST,M3.5.0,M10.5.0,", "<CET-1", "CET-1:60", "CET-٣",
    ])
    func `a malformed rule is refused`(text: String) { #expect(POSIXRule(text[...]) == nil) }

    @Test func `Julian days skip 29 February, ordinal days count it`() throws {
        let julian = try rule("AAA0BBB,J60/0,J300/0")
        let ordinal = try rule("AAA0BBB,59/0,300/0")
        let first = { (rule: POSIXRule, year: Int) in
            CivilDate(number: CivilDate.floor(rule.changes(in: year)[0].at, 86_400))
        }
        #expect((first(julian, 2027).month, first(julian, 2027).day) == (3, 1))
        #expect((first(julian, 2028).month, first(julian, 2028).day) == (3, 1))
        #expect((first(ordinal, 2027).month, first(ordinal, 2027).day) == (3, 1))
        #expect((first(ordinal, 2028).month, first(ordinal, 2028).day) == (2, 29))
    }

    @Test func `a rule with daylight saving time all year has one offset`() throws {
        let rules = ZoneRules(initialOffset: 0, transitions: [], tail: try rule("EST5EDT,0/0,J365/25"))
        for day in stride(from: 1_700_000_000, to: 1_900_000_000, by: 86_400) {
            #expect(rules.offset(at: day) == -4 * 3_600)
        }
    }

    private func rule(_ text: String) throws -> POSIXRule { try #require(POSIXRule(text[...])) }
}
