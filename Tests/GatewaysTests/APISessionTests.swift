import Gateways
import Testing

@Suite struct APISessionTests {
    private func opened() -> APISession {
        var session = APISession(name: "a", password: "b")
        _ = session.receive(APIWire.encode(["!done"]))
        return session
    }

    /// What the session makes of `sentences`, fed one byte at a time.
    private func feed(_ session: inout APISession, _ sentences: [[String]]) -> [APISession.Action] {
        sentences.flatMap(APIWire.encode).flatMap { session.receive([$0]) }
    }

    @Test func `a newer router takes name and password`() {
        var session = APISession(name: "admin", password: "")
        #expect(session.greeting == APIWire.encode(["/login", "=name=admin", "=password="]))
        #expect(feed(&session, [["!done"]]) == [.loggedIn])
        #expect(session.isOpen)
    }

    @Test func `an older router gets the answer to its challenge`() {
        var session = APISession(name: "admin", password: "secret")
        let answer = APIWire.encode(["/login", "=name=admin", "=response=00de2eb16e8739e95337da481d36029ddb"])
        #expect(feed(&session, [["!done", "=ret=93b438ec9b80057c06dd9fe67d56aa9a"]]) == [.send(answer)])
        #expect(!session.isOpen)
        #expect(feed(&session, [["!done"]]) == [.loggedIn])
    }

    @Test func `a refused login ends the session with the router's words`() {
        var session = APISession(name: "a", password: "b")
        let actions = feed(&session, [["!trap", "=message=invalid user name or password (6)"], ["!done"]])
        #expect(actions == [.end(.refusedLogin(.init(message: "invalid user name or password (6)")))])
        #expect(feed(&session, [["!done"]]) == [])
    }

    @Test func `answers find their commands by tag, in whichever order they come`() {
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

    @Test func `a trap is told when its command is over, the first one of several`() {
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

    @Test func `an empty answer is one without rows`() {
        var session = opened()
        let number = session.begin(["/a/print"], fields: [".id"]).number
        #expect(feed(&session, [["!empty", ".tag=1"], ["!done", ".tag=1"]]) == [.answered(number, .init())])
    }

    @Test func `the answer to a command that was given up is nobody's`() {
        var session = opened()
        session.abandon(session.begin(["/a/print"], fields: [".id"]).number)
        #expect(feed(&session, [["!re", ".tag=1", "=a=b"], ["!done", ".tag=1"]]) == [])
    }

    @Test func `what is fatal ends it`() {
        var session = opened()
        #expect(feed(&session, [["!fatal", "not logged in"]]) == [.end(.fatal("not logged in"))])
    }

    @Test(arguments: [["HTTP/1.1 400 Bad Request"], ["!what"], ["re"]])
    func `something that is not RouterOS is told apart`(_ sentence: [String]) {
        var session = opened()
        #expect(feed(&session, [sentence]).last == .end(.notRouterOS))
    }

    @Test func `an answer has a limit, and one beyond it harms no other`() {
        var session = opened()
        let long = session.begin(["/a/print"], fields: ["a"], atMost: .init(bytes: 100, rows: 10)).number
        let other = session.begin(["/b/print"], fields: ["a"]).number
        let row = ["!re", ".tag=1", "=b=" + String(repeating: "x", count: 40)]
        #expect(feed(&session, [row]) == [])
        #expect(feed(&session, [row]) == [.givenUp(long)])
        #expect(feed(&session, [row, ["!done", ".tag=1"], ["!done", ".tag=2"]]) == [.answered(other, .init())])
    }

    @Test func `an answer has no more rows than its limit`() {
        var session = opened()
        let number = session.begin(["/a/print"], fields: [], atMost: .init(bytes: 1_000, rows: 2)).number
        #expect(feed(&session, [["!re", ".tag=1"], ["!re", ".tag=1"], ["!re", ".tag=1"]]) == [.givenUp(number)])
    }

    @Test func `of a row the fields that are wanted are kept`() {
        var session = opened()
        let number = session.begin(["/a/print"], fields: ["a"]).number
        let actions = feed(&session, [["!re", ".tag=1", "=a=1", "=b=2"], ["!done", ".tag=1"]])
        #expect(actions == [.answered(number, .init(rows: [["a": "1"]]))])
    }

    @Test func `no tag stops the session`() {
        var session = opened()
        for tag in ["9223372036854775808", "-1", "", "0", "x"] {
            #expect(feed(&session, [["!re", ".tag=\(tag)"], ["!done", ".tag=\(tag)"]]) == [])
        }
    }
}
