import Captive
import Foundation
import Testing
import TimeZones

@Suite struct RecurrenceTests {
    private static func time(_ text: String) throws -> Date {
        try Date(text.replacing(" ", with: "T") + ":00Z", strategy: .iso8601)
    }

    /// Expects the next two runs after a time, in UTC.
    private func expect(
        _ recurrence: Recurrence?, after: String, _ runs: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let recurrence = try #require(recurrence)
        let rules = try ZoneDatabase.system.rules(of: recurrence.timeZone)
        var moment = try Self.time(after)
        for run in runs {
            moment = recurrence.next(after: moment, by: rules)
            #expect(moment == (try Self.time(run)), sourceLocation: sourceLocation)
        }
    }

    private func at(_ text: String) throws -> TimeOfDay { try #require(TimeOfDay(text)) }

    @Test func `a daily run comes at the same local time in summer and winter`() throws {
        try expect(
            Recurrence(.daily, in: "Europe/Berlin"), after: "2026-10-23 06:00",
            "2026-10-24 06:00", "2026-10-25 07:00", "2026-10-26 07:00")
    }

    @Test func `a run is after the given time and never at it`() throws {
        try expect(Recurrence(.daily, in: "Etc/UTC"), after: "2026-05-01 07:59", "2026-05-01 08:00")
        try expect(Recurrence(.daily, in: "Etc/UTC"), after: "2026-05-01 08:00", "2026-05-02 08:00")
        let recurrence = try #require(Recurrence(.daily, in: "Etc/UTC"))
        let rules = try ZoneDatabase.system.rules(of: "Etc/UTC")
        let run = try Self.time("2026-05-01 08:00")
        #expect(recurrence.next(after: run - 0.001, by: rules) == run)
        #expect(recurrence.next(after: run + 0.999, by: rules) == run + 86_400)
    }

    @Test func `a skipped local time runs at the first moment after the gap`() throws {
        try expect(
            Recurrence(.daily, at: try at("02:30"), in: "America/New_York"), after: "2026-03-07 12:00",
            "2026-03-08 07:00", "2026-03-09 06:30")
    }

    @Test func `a repeated local time runs once, at its first occurrence`() throws {
        try expect(
            Recurrence(.daily, at: try at("01:30"), in: "America/New_York"), after: "2026-10-31 12:00",
            "2026-11-01 05:30", "2026-11-02 06:30")
    }

    @Test func `a week begins on Sunday, numbered 0`() throws {
        try expect(
            Recurrence(.weekly, dayOfWeek: 0, in: "Etc/UTC"), after: "2026-11-20 00:00", "2026-11-22 08:00",
            "2026-11-29 08:00")
        try expect(Recurrence(.weekly, dayOfWeek: 6, in: "Etc/UTC"), after: "2026-11-20 00:00", "2026-11-21 08:00")
    }

    @Test func `the weekday is that of the time zone, not of UTC`() throws {
        try expect(
            Recurrence(.weekly, dayOfWeek: 1, in: "Australia/Sydney"), after: "2026-11-20 00:00", "2026-11-22 21:00")
    }

    @Test func `a day beyond the end of a month is its last day`() throws {
        try expect(
            Recurrence(.monthly, dayOfMonth: 31, in: "Etc/UTC"), after: "2026-01-15 00:00",
            "2026-01-31 08:00", "2026-02-28 08:00", "2026-03-31 08:00", "2026-04-30 08:00")
        try expect(
            Recurrence(.monthly, dayOfMonth: 29, in: "Etc/UTC"), after: "2028-02-01 00:00", "2028-02-29 08:00",
            "2028-03-29 08:00")
        try expect(Recurrence(.monthly, dayOfMonth: 30, in: "Etc/UTC"), after: "2100-02-01 00:00", "2100-02-28 08:00")
    }

    @Test func `a skipped day runs at the first moment of the next day`() throws {
        try expect(
            Recurrence(.daily, in: "Pacific/Apia"), after: "2011-12-29 12:00",
            "2011-12-29 18:00", "2011-12-30 10:00", "2011-12-30 18:00", "2011-12-31 18:00")
        try expect(
            Recurrence(.weekly, dayOfWeek: 5, in: "Pacific/Apia"), after: "2011-12-29 12:00",
            "2011-12-30 10:00", "2012-01-05 18:00")
    }

    @Test func `time zones with half-hour offsets are supported`() throws {
        try expect(
            Recurrence(.daily, at: try at("00:00"), in: "Asia/Kolkata"), after: "2026-06-01 00:00", "2026-06-01 18:30")
        try expect(
            Recurrence(.daily, at: try at("02:15"), in: "Australia/Lord_Howe"), after: "2026-10-03 00:00",
            "2026-10-03 15:30", "2026-10-04 15:15")
    }

    @Test func `a recurrence without the required day is refused`() {
        #expect(Recurrence(.weekly, dayOfMonth: 3, in: "Etc/UTC") == nil)
        #expect(Recurrence(.monthly, dayOfWeek: 3, in: "Etc/UTC") == nil)
        #expect(Recurrence(.weekly, dayOfWeek: 7, in: "Etc/UTC") == nil)
        #expect(Recurrence(.daily, dayOfMonth: 32, in: "Etc/UTC") == nil)
        #expect(Recurrence(.daily, dayOfWeek: 3, dayOfMonth: 3, in: "Etc/UTC") != nil)
    }

    @Test(arguments: ["24:00", "8:00", "08:60", "08", "08:00:00", "+8:00", "٠٨:٠٠", "", ":", "08:0a"])
    func `an invalid time of day is refused`(text: String) { #expect(TimeOfDay(text) == nil) }

    @Test func `a time of day keeps its text form`() throws {
        for text in ["00:00", "08:00", "09:05", "23:59"] { #expect(try at(text).description == text) }
        #expect(TimeOfDay.default.description == "08:00")
    }
}
