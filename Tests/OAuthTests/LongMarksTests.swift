import NetworkAddress
import Testing

@testable import OAuth

/// Documents with long runs of combining marks, which take long to compare unless they are bounded.
@Suite struct LongMarksTests {
    private static let marks = String(repeating: "\u{301}\u{316}", count: 30_000)
    private static let escaped = String(repeating: #"\u0301\u0316"#, count: 30_000)

    @Test(arguments: [false, true]) func `names and values of a document are compared`(_ isEscaped: Bool) throws {
        let marks = isEscaped ? Self.escaped : Self.marks
        let document = #"{"iss\#(marks)":1,"iss":"a\#(marks)","keys":[{"kid":"a\#(marks)","b\#(marks)":""}]}"#
        let fields = try #require(ClaimValue.object(from: Array(document.utf8)))
        #expect(fields.count == 3 && fields["sub"] == nil)
        #expect(fields["iss"] != .string("a"))
        #expect(fields["iss"]?.text?.utf8.elementsEqual(("a" + Self.marks.streamSafe).utf8) == true)
        #expect(SigningKey.keys(Array(document.utf8))?.isEmpty == true)
        #expect(DiscoveryDocument(Array(document.utf8), base: "https://a.example") == nil)
        #expect(ClaimValue.list(from: Array("[\(document)]".utf8))?.count == 1)
    }

    @Test func `names of a form are compared`() {
        let escaped = String(repeating: "%CC%81%CC%96", count: 30_000)
        let pairs = FormURLEncoding.decode("error\(escaped)=1&error=a\(escaped)")
        #expect(pairs.count == 2 && pairs[0].name != "error" && pairs[1].name == "error" && pairs[1].value != "a")
    }
}
