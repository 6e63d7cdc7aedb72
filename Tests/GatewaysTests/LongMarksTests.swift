import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

/// Answers with long runs of combining marks, which take long to compare unless they are bounded.
@Suite struct LongMarksTests {
    private static let marks = String(repeating: "\u{301}\u{316}", count: 30_000)
    private static let escaped = String(repeating: #"\u0301\u0316"#, count: 30_000)

    @Test(arguments: [false, true]) func `names and values of the REST interface are compared`(_ isEscaped: Bool) throws
    {
        let marks = isEscaped ? Self.escaped : Self.marks
        let document = #"[{"user\#(marks)":"1","user":"a\#(marks)","b\#(marks)":""}]"#
        let rows = try RouterOSRowReader.rows(in: Array(document.utf8), fields: ["user"], atMost: 9)
        #expect(rows.count == 1 && rows[0].count == 1)
        #expect(rows[0]["user"]?.utf8.elementsEqual(("a" + Self.marks.streamSafe).utf8) == true)
        #expect(Set(rows).contains(["user": "a"]) == false)
    }

    private func opened() -> APISession {
        var session = APISession(name: "a", password: "b")
        _ = session.receive(APIWire.encode(["!done"]))
        return session
    }

    @Test func `names, values and tags of the API are compared`() throws {
        var session = opened()
        let number = session.begin(["/a/print"], fields: ["user"], atMost: .list).number
        let marks = Self.marks
        for word in ["=user\(marks)=1", "=\(marks)=1", ".tag\(marks)=1", "=user=a\(marks)"] {
            #expect(session.receive(APIWire.encode(["!re", ".tag=1", word])) == [])
        }
        let actions = session.receive(APIWire.encode(["!done", ".tag=1"]))
        guard case .answered(number, let answer) = actions.first, answer.rows.count == 4 else {
            Issue.record("\(actions.count) actions")
            return
        }
        #expect(answer.rows.prefix(3).allSatisfy { $0.isEmpty })
        #expect(answer.rows[3]["user"]?.utf8.elementsEqual(("a" + marks.streamSafe).utf8) == true)
    }

    @Test(arguments: [[], [".tag=7"], [".tag=x"]])
    func `sentences of no command end the session above a bound`(_ tag: [String]) {
        var session = opened()
        let number = session.begin(["/a/print"], fields: ["a"]).number
        let sentence = ["!re"] + tag + ["=a=" + String(repeating: "x", count: 1_000)]
        for _ in 0..<60 { #expect(session.receive(APIWire.encode(sentence)) == []) }
        let actions = (0..<10).flatMap { _ in session.receive(APIWire.encode(sentence)) }
        #expect(actions == [.end(.notRouterOS)], "\(number)")
    }

    @Test func `sentences of a login end the session above a bound`() {
        var session = APISession(name: "a", password: "b")
        let sentence = ["!re", "=a=" + String(repeating: "x", count: 100_000)]
        #expect(session.receive(APIWire.encode(sentence)) == [.end(.notRouterOS)])
    }

    @Test func `the rest of an answer that was given up does not count against the bound`() {
        var session = opened()
        let abandoned = session.begin(["/a/print"], fields: ["a"]).number
        let other = session.begin(["/b/print"], fields: ["a"]).number
        session.abandon(abandoned)
        let sentence = ["!re", ".tag=\(abandoned)", "=a=" + String(repeating: "x", count: 1_000)]
        for _ in 0..<100 { #expect(session.receive(APIWire.encode(sentence)) == []) }
        #expect(session.receive(APIWire.encode(["!done", ".tag=\(other)"])) == [.answered(other, .init())])
        // Once it is over, its tag is as good as none.
        #expect(session.receive(APIWire.encode(["!done", ".tag=\(abandoned)"])) == [])
        let actions = (0..<100).flatMap { _ in session.receive(APIWire.encode(sentence)) }
        #expect(actions == [.end(.notRouterOS)])
    }

    @Test(arguments: [false, true]) func `names of programs' documents are compared`(_ isEscaped: Bool) {
        let marks = isEscaped ? Self.escaped : Self.marks
        let clients = #"{"clients":{"a\#(marks)":{"mac\#(marks)":"","custom":"a\#(marks)"},"b\#(marks)":{}}}"#
        #expect(NdsClient.all(in: Array(clients.utf8)) == [])
        let listing = #"{"nftables":[{"table":{"family":"inet\#(marks)","na\#(marks)":"x"}}]}"#
        #expect(NftListing(json: Array(listing.utf8))?.guests.isEmpty != false)
    }

    @Test func `a query of openNDS is compared`() throws {
        let text = "hid\(Self.marks)=1, a=\(Self.marks.prefix(1))"
        #expect(throws: GatewayError.self) {
            // Within the longest text that is taken.
            let short = String(text.unicodeScalars.prefix(6_000).map(Character.init))
            _ = try FASQuery(Data(short.utf8).base64EncodedString(), cipher: FASCipher(key: Secret("a")))
        }
    }
}
