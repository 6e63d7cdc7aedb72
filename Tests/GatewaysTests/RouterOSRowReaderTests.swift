import Foundation
import Testing

@testable import Gateways

/// Rows of the REST interface.
@Suite struct RouterOSRowReaderTests {
    private func rows(_ text: String, _ fields: [String] = ["a", "b"], atMost most: Int = 10) throws -> [RouterOSRow] {
        try RouterOSRowReader.rows(in: Array(text.utf8), fields: fields, atMost: most)
    }

    @Test func `rows are read with the requested fields`() throws {
        #expect(try rows("[]") == [] && rows(" [ ] \n") == [] && rows("[{}]") == [[:]])
        #expect(try rows(#"[{"a":"1","c":"2"},{"b":""} , {"c":"x","a":"3" }]"#) == [["a": "1"], ["b": ""], ["a": "3"]])
        #expect(try RouterOSRowReader.row(in: Array(#"{"a":"1","c":"2"}"#.utf8), fields: ["a"]) == ["a": "1"])
    }

    @Test func `strings are read as Foundation reads them`() throws {
        let texts = [
            #"\"\\\/\b\f\n\r\t"#, #"\u0041\u00e4\u20ac\ud83d\ude00"#, "ä€😀", #"\ud83dx"#, #"\ude00"#, #"\u0000"#,
            "plain",
        ]
        for text in texts {
            let document = #"[{"a":"\#(text)","c":"\#(text)","b":"end"}]"#
            let foundation = try? JSONDecoder().decode([RouterOSRow].self, from: Data(document.utf8))
            let read = try rows(document)
            #expect(read[0]["b"] == "end")
            if let foundation { #expect(read[0]["a"] == foundation[0]["a"], "\(text)") }
        }
    }

    @Test(arguments: [
        "", "[", "[{", #"[{"a""#, #"[{"a":"#, #"[{"a":1}]"#, #"[{"a":null}]"#, #"[{"a":["x"]}]"#, #"[{"a":"x"}"#,
        #"[{"a":"x"},]"#, #"[{"a":"x",}]"#, #"[{"a":"x"}]x"#, #"{"a":"x"}"#, #"[{a:"x"}]"#, #"[{"a":"x\"}]"#,
        #"[{"a":"\u12"}]"#,
        #"[{"a":"\x"}]"#, "[{\"a\":\"\n\"}]", "<html>It works!</html>", "[[[[",
    ]) func `an invalid document is refused`(_ text: String) {
        #expect(throws: RouterOSRowReader.Failure.malformed) { try rows(text) }
    }

    @Test func `rows beyond the limit are refused`() throws {
        #expect(try rows("[{},{}]", atMost: 2).count == 2)
        #expect(throws: RouterOSRowReader.Failure.tooManyRows) { try rows("[{},{},{}]", atMost: 2) }
    }

    @Test func `no sequence of bytes crashes the reader`() {
        var dice = SeededGenerator(state: 11)
        let valid = Array(#"[{"a":"1\u00e4\n","bb":"2"},{"a":"\ud83d\ude00","c":""}]"#.utf8)
        let likely = Array(#"[]{}":,\u0"#.utf8)
        for _ in 0..<50_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...6, using: &dice) {
                let index = Int.random(in: 0..<bytes.count, using: &dice)
                bytes[index] =
                    Bool.random(using: &dice)
                    ? likely.randomElement(using: &dice) ?? 0 : .random(in: 0...255, using: &dice)
            }
            bytes.removeLast(Int.random(in: 0...10, using: &dice))
            _ = try? RouterOSRowReader.rows(in: bytes, fields: ["a"], atMost: 5)
            _ = try? RouterOSRowReader.row(in: bytes, fields: ["a"])
        }
    }
}
