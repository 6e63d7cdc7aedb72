import Foundation
import Testing

@testable import Gateways

struct RecentEntriesTests {
    private let start = Date(timeIntervalSince1970: 1_800_000_000)

    @Test func `an entry is cached for its lifetime`() {
        var entries = RecentEntries<Int, String>(lifetime: 600)
        entries.set("a", for: 1, at: start)
        #expect(entries.value(for: 1, at: start + 599) == "a" && entries.value(for: 1, at: start + 600) == nil)
        entries.set("b", for: 2, at: start + 599)
        entries.set("c", for: 3, at: start + 700)
        #expect(entries.value(for: 2, at: start + 1_198) == "b", "the halves were rotated meanwhile")
        entries.set("d", for: 2, at: start + 701)
        #expect(entries.value(for: 2, at: start + 1_300) == "d")
        entries.remove(2)
        #expect(entries.value(for: 2, at: start + 701) == nil)
    }

    @Test func `the oldest entries are evicted at the capacity`() {
        var entries = RecentEntries<Int, Int>(lifetime: 600, capacity: 1_000)
        for number in 0..<10_000 { entries.set(number, for: number, at: start) }
        let kept = (0..<10_000).filter { entries.value(for: $0, at: start) != nil }
        #expect((1_000...2_000).contains(kept.count) && kept.last == 9_999)
    }

    @Test func `setting the clock back neither evicts entries nor keeps them forever`() {
        var entries = RecentEntries<Int, Int>(lifetime: 600)
        entries.set(1, for: 1, at: start)
        entries.set(2, for: 2, at: start - 86_400)
        entries.set(3, for: 3, at: start - 86_400)
        #expect(entries.value(for: 2, at: start - 86_400) == 2 && entries.value(for: 2, at: start) == nil)
    }
}
