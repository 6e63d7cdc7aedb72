import Foundation
import HTTPServer
import Testing

@testable import Pages

struct PageBudgetTests {
    /// The bytes that a server may send before it gets an acknowledgement: ten segments of 1,460 bytes (RFC 6928), less
    /// the headers.
    private static let oneRoundTrip = 14_000

    @Test(arguments: ShippedPages.tags)
    func `every page needs one round trip, and usual ones a third of it`(_ tag: String) throws {
        let renderer = try ShippedPages.renderer()
        let language = try #require(renderer.languages.language(tag))
        for page in ShippedPages.pages {
            let short = PageContext(page, in: language, of: ShippedPages.venue(terms: "Be kind to others."))
            #expect(Gzip.compress(renderer.render(short).html).count <= 5_000, "\(page)")
            let long = PageContext(page, in: language, of: ShippedPages.venue(terms: Self.longTerms))
            #expect(Gzip.compress(renderer.render(long).html).count <= Self.oneRoundTrip, "\(page)")
        }
    }

    /// 20,000 letters of terms that do not repeat themselves, more than the terms of a café.
    private static let longTerms: String = {
        let syllables = [
            "net", "guest", "law", "use", "may", "not", "ser", "vice", "lia", "ble", "to", "of", "the", "and",
        ]
        var state: UInt32 = 1
        var text = ""
        while text.utf8.count < 20_000 {
            state = state &* 1_664_525 &+ 1_013_904_223
            text += syllables[Int(state >> 16) % syllables.count] + (state >> 28 == 0 ? " " : "")
        }
        return text
    }()
}
