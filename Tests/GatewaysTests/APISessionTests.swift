import Gateways
import Testing

@Suite struct APISessionTests {
    private func opened() -> APISession {
        var session = APISession(name: "a", password: "b")
        _ = session.receive(APIWire.encode(["!done"]))
        return session
    }

    /// The session's actions for `sentences`, received one byte at a time.
    private func feed(_ session: inout APISession, _ sentences: [[String]]) -> [APISession.Action] {
        sentences.flatMap(APIWire.encode).flatMap { session.receive([$0]) }
    }

    @Test func `a newer router accepts name and password`() {
        var session = APISession(name: "admin", password: "")
        #expect(session.greeting == APIWire.encode(["/login", "=name=admin", "=password="]))
        #expect(feed(&session, [["!done"]]) == [.loggedIn])
        #expect(session.isOpen)
    }

    @Test func `an older router gets the response to its challenge`() {
        var session = APISession(name: "admin", password: "secret")
        let answer = APIWire.encode(["/login", "=name=admin", "=response=00de2eb16e8739e95337da481d36029ddb"])
        #expect(feed(&session, [["!done", "=ret=93b438ec9b80057c06dd9fe67d56aa9a"]]) == [.send(answer)])
        #expect(!session.isOpen)
        #expect(feed(&session, [["!done"]]) == [.loggedIn])
    }

    @Test func `a refused login ends the session with the router's message`() {
        var session = APISession(name: "a", password: "b")
        let actions = feed(&session, [["!trap", "=message=invalid user name or password (6)"], ["!done"]])
        #expect(actions == [.end(.refusedLogin(.init(message: "invalid user name or password (6)")))])
        #expect(feed(&session, [["!done"]]) == [])
    }

    @Test func `responses are matched to commands by tag, in any order`() {
        var session = opened()
        let first = session.begin(["/a/print"], fields: [".id"])
        let second = session.begin(["/b/print"], fields: [".id"])
        #expect(first.bytes == APIWire.encode(["/a/print", ".tag=1"]))
        let actions = feed(
            &session,
            [
                ["!re", ".tag=2", "=.id=*1"], ["!re", ".tag=1", "=.id=*A"], ["!done", ".tag=2"],
                ["!re", ".tag=1", "=.id=*B"], ["!done", ".tag=1", "=ret=x"],
            ])
        #expect(
            actions == [
                .answered(second.number, .init(rows: [[".id": "*1"]])),
                .answered(first.number, .init(rows: [[".id": "*A"], [".id": "*B"]], values: ["ret": "x"])),
            ])
    }

    @Test func `the first trap is reported when its command ends`() {
        var session = opened()
        let number = session.begin(["/a/add"], fields: []).number
        let actions = feed(
            &session,
            [
                ["!trap", ".tag=1", "=category=1", "=message=one"], ["!trap", ".tag=1", "=message=two"],
                ["!done", ".tag=1"],
            ])
        #expect(actions == [.answered(number, .init(trap: .init(category: 1, message: "one")))])
    }

    @Test func `an empty response has no rows`() {
        var session = opened()
        let number = session.begin(["/a/print"], fields: [".id"]).number
        #expect(feed(&session, [["!empty", ".tag=1"], ["!done", ".tag=1"]]) == [.answered(number, .init())])
    }

    @Test func `the response to an abandoned command is ignored`() {
        var session = opened()
        session.abandon(session.begin(["/a/print"], fields: [".id"]).number)
        #expect(feed(&session, [["!re", ".tag=1", "=a=b"], ["!done", ".tag=1"]]) == [])
    }

    @Test func `a fatal reply ends the session`() {
        var session = opened()
        #expect(feed(&session, [["!fatal", "not logged in"]]) == [.end(.fatal("not logged in"))])
    }

    @Test(arguments: [["HTTP/1.1 400 Bad Request"], ["!what"], ["re"]])
    func `a device other than RouterOS is recognised`(_ sentence: [String]) {
        var session = opened()
        #expect(feed(&session, [sentence]).last == .end(.notRouterOS))
    }

    @Test func `a response beyond its limit does not affect others`() {
        var session = opened()
        let long = session.begin(["/a/print"], fields: ["a"], atMost: .init(bytes: 100, rows: 10)).number
        let other = session.begin(["/b/print"], fields: ["a"]).number
        let row = ["!re", ".tag=1", "=b=" + String(repeating: "x", count: 40)]
        #expect(feed(&session, [row]) == [])
        #expect(feed(&session, [row]) == [.givenUp(long)])
        #expect(feed(&session, [row, ["!done", ".tag=1"], ["!done", ".tag=2"]]) == [.answered(other, .init())])
    }

    @Test func `a response with too many rows is abandoned`() {
        var session = opened()
        let number = session.begin(["/a/print"], fields: [], atMost: .init(bytes: 1_000, rows: 2)).number
        #expect(feed(&session, [["!re", ".tag=1"], ["!re", ".tag=1"], ["!re", ".tag=1"]]) == [.givenUp(number)])
    }

    @Test func `only the requested fields of a row are kept`() {
        var session = opened()
        let number = session.begin(["/a/print"], fields: ["a"]).number
        let actions = feed(&session, [["!re", ".tag=1", "=a=1", "=b=2"], ["!done", ".tag=1"]])
        #expect(actions == [.answered(number, .init(rows: [["a": "1"]]))])
    }

    @Test func `an invalid tag does not end the session`() {
        var session = opened()
        for tag in ["9223372036854775808", "-1", "", "0", "x"] {
            #expect(feed(&session, [["!re", ".tag=\(tag)"], ["!done", ".tag=\(tag)"]]) == [])
        }
    }
}
