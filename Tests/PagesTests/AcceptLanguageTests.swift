import Testing

@testable import Pages

struct AcceptLanguageTests {
    @Test(arguments: [
        ("de", ["de"]),
        ("de-CH, de;q=0.9, en;q=0.8, fr;q=0.7", ["de-ch", "de", "en", "fr"]),
        ("en;q=0.2, fr;q=0.9", ["fr", "en"]),
        ("en;q=0.5,de;q=0.5", ["en", "de"]),
        ("de;q=0, en", ["en"]),
        ("fr ; q=0.3 , *;q=0.1, en", ["en", "fr"]),
        ("iw-IL, en;q=0.5", ["he-il", "en"]),
        ("", []), (",,;q=1,", []), ("*", []), ("<b>;q=1, it", ["it"]), ("de;q=2, it;q=x, es", ["es"]),
    ])
    func `ranges are sorted by preference`(_ header: String, _ ranges: [String]) {
        #expect(AcceptLanguage.ranges(header) == ranges)
    }

    @Test func `an endless header is not read to its end`() {
        let header = Array(repeating: "en", count: 10_000).joined(separator: ",")
        #expect(AcceptLanguage.ranges(header).count == 16)
    }

    @Test func `a range is shortened until it matches`() {
        let available: Set = ["de", "zh", "zh-hant", "en"]
        #expect(AcceptLanguage.lookup(["de-de-1996"], in: available) == "de")
        #expect(AcceptLanguage.lookup(["zh-hant-tw"], in: available) == "zh-hant")
        #expect(AcceptLanguage.lookup(["zh-hans-x-private"], in: available) == "zh")
        #expect(AcceptLanguage.lookup(["sv", "en-gb"], in: available) == "en")
        #expect(AcceptLanguage.lookup(["sv"], in: available) == nil)
    }

    @Test func `the guest's language comes before the instance's, and English is last`() throws {
        let languages = try Languages(directories: [ShippedPages.templates])
        #expect(languages.negotiate("pt-BR,pt;q=0.9", fallback: "de").tag == "pt")
        #expect(languages.negotiate("sv, fi", fallback: "de-AT").tag == "de")
        #expect(languages.negotiate(nil, fallback: "fr").tag == "fr")
        #expect(languages.negotiate("sv", fallback: "xx").tag == "en")
        #expect(languages.negotiate(nil).tag == "en")
        #expect(languages.negotiate("ru" + String(repeating: ",xx;q=0.1", count: 1000), fallback: "de").tag == "ru")
    }
}
