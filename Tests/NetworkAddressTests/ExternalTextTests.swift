import NetworkAddress
import Testing

@Suite struct ExternalTextTests {
    private static let marks = String(repeating: "\u{301}\u{316}", count: 30_000)

    /// The length of the longest run of scalars that normal forms reorder.
    private func longestRun(_ text: String) -> Int {
        var (longest, run) = (0, 0)
        for scalar in text.unicodeScalars {
            run = scalar.properties.canonicalCombiningClass == .notReordered ? 0 : run + 1
            longest = max(longest, run)
        }
        return longest
    }

    @Test(arguments: [
        "", "plain", "Müller", "Nguyễn Văn", "e\u{301}\u{316}", "שָׁלוֹם", "ก็ที่", "க்ஷௌ", "👩🏽‍🚀❤️", "🇩🇪🇫🇷",
        "a" + String(repeating: "\u{301}\u{316}", count: 15),
    ]) func `text of a language is unchanged`(_ text: String) {
        #expect(Array(String(streamSafe: text.utf8).utf8) == Array(text.utf8))
        let document = Array("{\"\(text)\":\"\(text)\"}".utf8)
        #expect(document.streamSafeJSON == document)
    }

    @Test func `every 31st mark in a row is replaced`() {
        let safe = String(streamSafe: ("a" + Self.marks + "b").utf8)
        #expect(safe.unicodeScalars.count == 60_002)
        #expect(safe.unicodeScalars.count { $0 == "\u{FFFD}" } == 60_000 / 31)
        #expect(longestRun(safe) == 30)
        #expect(safe != "a" && safe.hasSuffix("b") && Set([safe, "a"]).count == 2)
    }

    @Test func `invalid bytes are replaced`() {
        #expect(String(streamSafe: [0x61, 0xFF, 0xCC]) == "a\u{FFFD}\u{FFFD}")
    }

    @Test func `every scalar that normal forms reorder is bounded`() {
        for value in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.canonicalCombiningClass != .notReordered else {
                continue
            }
            let text = String(repeating: Character(scalar), count: 31)
            #expect(text.streamSafe.unicodeScalars.last == "\u{FFFD}", "\(String(value, radix: 16))")
        }
    }

    /// Tibetan vowel signs that are in no class themselves, but are composed of marks that are.
    @Test(arguments: ["\u{F73}", "\u{F75}", "\u{F81}", "\u{344}"]) func `a composed mark is bounded`(_ mark: String) {
        #expect(String(repeating: mark, count: 31).streamSafe.unicodeScalars.last == "\u{FFFD}")
    }

    @Test(arguments: [
        #"\u0301"#, #"\u0316\u0301"#, #"\ud834\udd65"#, #"\uD834\uDD65"#, "\u{301}", "\u{1D165}", "\u{301}\\u0316",
    ]) func `marks of a JSON document are bounded, escaped or not`(_ mark: String) throws {
        let document = "{\"a" + String(repeating: mark, count: 30_000) + "\":\"\\\\u0301\"}"
        let safe = Array(document.utf8).streamSafeJSON
        let count = (mark.contains("6\\") || mark.contains("\u{301}\\") ? 60_000 : 30_000) / 31
        #expect(safe.count { $0 == 0xEF } == count)
        #expect(safe.starts(with: "{\"a".utf8) && safe.reversed().starts(with: "\":\"\\\\u0301\"}".utf8.reversed()))
    }

    @Test(arguments: [
        #"{"a":"\u0301\\u0301\"\ud834"}"#, #"["\ud83d\ude00"]"#, #"\"#, #"\u"#, #"\u03"#, #"\ud834\u"#, #"\x"#, "",
    ]) func `other JSON is unchanged`(_ text: String) {
        let repeated = Array(String(repeating: text, count: 40).utf8)
        #expect(Array(text.utf8).streamSafeJSON == Array(text.utf8) && repeated.streamSafeJSON == repeated)
        #expect([0x22, 0xFF, 0xCC, 0x22].streamSafeJSON == [0x22, 0xFF, 0xCC, 0x22])
    }
}
