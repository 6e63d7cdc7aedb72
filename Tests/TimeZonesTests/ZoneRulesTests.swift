// TimeZonesTests needs the system's time zone database. Reading order: ZoneRules, ZoneFile, CivilDate.

import Foundation
import Testing

@testable import TimeZones

@Suite struct ZoneRulesTests {
    /// Zone, local time, and the first instant (UTC) at that local time.
    @Test(arguments: [
        // A skipped hour: the instant after it. A repeated hour: its first occurrence.
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-03-29 03:00", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),
        ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25 02:00"),
        // Daylight saving time of half an hour.
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
        // Offsets that are not whole hours.
        ("Asia/Kolkata", "2026-07-01 08:00", "2026-07-01 02:30"),
        ("Asia/Kathmandu", "2026-07-01 08:00", "2026-07-01 02:15"),
        // Daylight saving time that begins at midnight, so that the day has no midnight.
        ("Africa/Cairo", "2026-04-24 00:00", "2026-04-23 22:00"),
        // Friday, 30 December 2011 was skipped.
        ("Pacific/Apia", "2011-12-29 08:00", "2011-12-29 18:00"),
        ("Pacific/Apia", "2011-12-30 08:00", "2011-12-30 10:00"),
        ("Pacific/Apia", "2011-12-31 08:00", "2011-12-30 18:00"),
        // Kwajalein skipped 21 August 1993 (RFC 9636 section 3 has it as an example).
        ("Pacific/Kwajalein", "1993-08-21 12:00", "1993-08-21 12:00"),
        // After the table, by the rule at the end of the file; Ireland's rule has negative daylight saving in winter.
        ("Europe/Dublin", "2090-07-01 08:00", "2090-07-01 07:00"),
        ("Europe/Dublin", "2090-01-01 08:00", "2090-01-01 08:00"),
        ("America/New_York", "2099-03-08 02:30", "2099-03-08 07:00"),
        ("Etc/UTC", "2026-01-01 00:00", "2026-01-01 00:00"),
        ("Etc/GMT-14", "2026-01-01 00:00", "2025-12-31 10:00"),
    ])
    func `the first instant at a local time`(zone: String, shown: String, moment: String) throws {
        let rules = try ZoneDatabase.system.rules(of: zone)
        #expect(rules.firstInstant(atLocal: try Self.seconds(shown)) == (try Self.seconds(moment)))
    }

    @Test func `the local date depends on the zone`() throws {
        let rules = try ZoneDatabase.system.rules(of: "Pacific/Auckland")
        let day = rules.day(at: try Self.seconds("2026-12-31 11:00"))
        #expect((day.year, day.month, day.day) == (2027, 1, 1))
    }

    @Test func `the rules of all system zones are readable`() throws {
        let database = ZoneDatabase.system
        #expect(database.zones.count > 300)
        for zone in database.zones { _ = try database.rules(of: zone) }
    }

    @Test(arguments: [
        "Europe/Berlim", "europe/berlin", "Europe", "", "../zoneinfo/UTC", "/etc/passwd", "posix/UTC", "right/UTC",
        "Europe/../UTC", "UTC\0", "tzdata.zi", String(repeating: "A", count: 65),
    ])
    func `a name without a zone is unknown`(name: String) {
        #expect(throws: ZoneDatabase.Failure.unknown(zone: name)) { try ZoneDatabase.system.rules(of: name) }
    }

    @Test func `a folder without a database is a different error than an unknown zone`() {
        let nowhere = ZoneDatabase(directory: "/nowhere")
        #expect(throws: ZoneDatabase.Failure.missing(directory: "/nowhere")) { try nowhere.rules(of: "Europe/Berlin") }
        #expect(nowhere.zones.isEmpty)
        #expect("\(ZoneDatabase.Failure.missing(directory: "/nowhere"))".contains("install the package tzdata"))
    }

    private static func seconds(_ text: String) throws -> Int {
        let time = try Date(text.replacing(" ", with: "T") + ":00Z", strategy: .iso8601)
        return Int(time.timeIntervalSince1970)
    }
}
