import Testing

@testable import HTTPServer

struct ConversationTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"

    @Test func `a head that dribbles for ten seconds in all is refused with 408`() {
        var conversation = Conversation()
        for byte in "GET / HTT".utf8 {
            conversation.feed([byte])
            conversation.advance(.seconds(1))
        }
        #expect(conversation.events.isEmpty)
        conversation.advance(.seconds(1))
        #expect(conversation.events == ["refuse 408"])
    }

    @Test func `a client that never speaks is closed without a word`() {
        var conversation = Conversation()
        conversation.advance(.seconds(10))
        #expect(conversation.events == ["close"])
    }

    @Test func `an idle connection is closed after fifteen seconds`() {
        var conversation = Conversation()
        conversation.feed(get)
        conversation.advance(.seconds(14))
        #expect(conversation.events == ["GET / a 0 keep"])
        conversation.advance(.seconds(1))
        #expect(conversation.events.last == "close")
    }

    @Test func `the time for a second head starts with its first byte`() {
        var conversation = Conversation()
        conversation.feed(get)
        conversation.advance(.seconds(14))
        conversation.feed("G")
        conversation.advance(.seconds(9))
        #expect(conversation.events.count == 1)
        conversation.advance(.seconds(1))
        #expect(conversation.events.last == "refuse 408")
    }

    @Test func `a body below 500 bytes a second is refused after five seconds`() {
        var conversation = Conversation()
        conversation.feed(post)
        conversation.advance(.seconds(5))
        #expect(conversation.events.isEmpty)
        conversation.advance(.seconds(1))
        #expect(conversation.events == ["refuse 408"])
    }

    @Test func `a body fast enough at first and then stalled is refused in time`() {
        var limits = Server.Limits()
        limits.bodyRate = 1
        var conversation = Conversation(limits: limits)
        conversation.feed(post + String(repeating: "x", count: 999))
        conversation.advance(.seconds(29))
        #expect(conversation.events.isEmpty)
        conversation.advance(.seconds(1))
        #expect(conversation.events == ["refuse 408"])
    }

    @Test func `no clock runs while a handler does`() {
        var machine = HTTP1StateMachine(limits: Server.Limits(), now: .now)
        let bytes = Array(get.utf8)
        _ = bytes.withUnsafeBytes { machine.next($0, now: .now) { _, _ in 0 } }
        guard case .wait = machine.tick(now: .now + .seconds(3600)) else {
            Issue.record("the clock ran")
            return
        }
        #expect(machine.isResponding)
    }

    @Test func `a client that waits for 100 gets it once`() {
        var conversation = Conversation()
        conversation.feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(conversation.events == ["100"])
        conversation.feed("ok")
        #expect(conversation.events == ["100", "POST / a 2 keep"])
    }

    @Test func `an HTTP 1.0 client gets no 100`() {
        var conversation = Conversation()
        conversation.feed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok")
        #expect(conversation.events == ["POST / - 2 close"])
    }

    @Test func `the last request of a connection says so`() {
        var limits = Server.Limits()
        limits.requestsPerConnection = 2
        var conversation = Conversation(limits: limits)
        conversation.feed(get + get + get)
        #expect(conversation.events == ["GET / a 0 keep", "GET / a 0 close"])
    }

    @Test func `a message cut short by the client is refused`() {
        var head = Conversation()
        head.feed("GET / HTTP/1.1\r\nHo")
        head.end()
        #expect(head.events == ["refuse 400"])
        var body = Conversation()
        body.feed(post + "abc")
        body.end()
        #expect(body.events == ["refuse 400"])
    }

    @Test func `a client that leaves between requests is let go`() {
        var conversation = Conversation()
        conversation.feed(get)
        conversation.end()
        #expect(conversation.events == ["GET / a 0 keep", "close"])
    }

    @Test func `a draining connection closes when idle and after its response when not`() {
        var idle = Conversation()
        guard case .close = idle.machine.drain() else {
            Issue.record("an idle connection stays")
            return
        }
        var busy = Conversation()
        busy.feed("GET / HT")
        guard case .wait = busy.machine.drain() else {
            Issue.record("a busy connection is cut")
            return
        }
        busy.feed("TP/1.1\r\nHost: a\r\n\r\n")
        #expect(busy.events == ["GET / a 0 close"])
    }

    @Test func `nothing after a refusal is read`() {
        var conversation = Conversation()
        conversation.feed("G@T / HTTP/1.1\r\n\r\n" + get)
        #expect(conversation.events == ["refuse 400"])
    }
}
