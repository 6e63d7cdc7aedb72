import Foundation
import Testing

@testable import Pages

struct TimeLeftTests {
    @Test(arguments: [
        (-5, "less than a minute"), (59, "less than a minute"), (60, "1 minute"), (3_599, "59 minutes"),
        (3_600, "1 hour"), (5_400, "1 hour 30 minutes"), (86_399, "23 hours 59 minutes"), (86_400, "1 day"),
        (86_400 + 3_600 + 59, "1 day 1 hour"), (604_800, "7 days"),
    ])
    func `remaining time has two units at most`(_ seconds: Int, _ text: String) throws {
        #expect(try Self.time("en").duration(seconds: seconds) == text)
    }

    @Test func `a wait is rounded up`() throws {
        let time = try Self.time("en")
        #expect(
            [0, 1, 60, 61, 120, 121].map(time.wait) == [
                "1 second", "1 second", "60 seconds", "2 minutes", "2 minutes", "3 minutes",
            ])
    }

    @Test func `an end is written in the venue's time zone and calendar`() throws {
        let berlin = try #require(TimeZone(identifier: "Europe/Berlin"))
        // 2027-01-15 08:00 UTC, 09:00 in Berlin.
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        let time = try Self.time("en")
        #expect(time.until(now + 3_600, now: now, timeZone: berlin) == "Until 10:00")
        #expect(time.until(now + 15 * 3_600, now: now, timeZone: .gmt) == "Until 23:00")
        #expect(time.until(now + 15 * 3_600, now: now, timeZone: berlin) == "Until tomorrow, 00:00")
        #expect(time.until(now + 604_800, now: now, timeZone: berlin) == "Until 2027-01-22, 09:00")
        #expect(try Self.time("de").until(now + 604_800, now: now, timeZone: berlin) == "Bis 22.01.2027, 09:00 Uhr")
    }

    private static func time(_ tag: String) throws -> TimeLeft {
        TimeLeft(language: try #require(try Languages(directories: [ShippedPages.templates]).language(tag)))
    }
}
