import Testing

@testable import HTTPServer

struct ConversationTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    private let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"

    @Test func `a head that takes ten seconds in total gets 408`() {
        var conversation = Conversation()
        for byte in "GET / HTT".utf8 {
            conversation.feed([byte])
            conversation.advance(.seconds(1))
        }
        #expect(conversation.events.isEmpty)
        conversation.advance(.seconds(1))
        #expect(conversation.events == ["refuse 408"])
    }

    @Test func `a connection without any bytes is closed without a response`() {
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

    @Test func `the timeout of a second head starts with its first byte`() {
        var conversation = Conversation()
        conversation.feed(get)
        conversation.advance(.seconds(14))
        conversation.feed("G")
        conversation.advance(.seconds(9))
        #expect(conversation.events.count == 1)
        conversation.advance(.seconds(1))
        #expect(conversation.events.last == "refuse 408")
    }

    @Test func `a body below 500 bytes per second gets 408 after five seconds`() {
        var conversation = Conversation()
        conversation.feed(post)
        conversation.advance(.seconds(5))
        #expect(conversation.events.isEmpty)
        conversation.advance(.seconds(1))
        #expect(conversation.events == ["refuse 408"])
    }

    @Test func `a body that stalls gets 408 at the limit for the whole body`() {
        var limits = Server.Limits()
        limits.bodyRate = 1
        var conversation = Conversation(limits: limits)
        conversation.feed(post + String(repeating: "x", count: 999))
        conversation.advance(.seconds(29))
        #expect(conversation.events.isEmpty)
        conversation.advance(.seconds(1))
        #expect(conversation.events == ["refuse 408"])
    }

    @Test func `no timeout applies while a handler runs`() {
        var machine = HTTP1StateMachine(limits: Server.Limits(), now: .now)
        let bytes = Array(get.utf8)
        _ = bytes.withUnsafeBytes { machine.next($0, now: .now) { _, _ in 0 } }
        guard case .wait = machine.tick(now: .now + .seconds(3600)) else {
            Issue.record("the request timed out")
            return
        }
        #expect(machine.isResponding)
    }

    @Test func `a client that expects 100 receives it once`() {
        var conversation = Conversation()
        conversation.feed("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(conversation.events == ["100"])
        conversation.feed("ok")
        #expect(conversation.events == ["100", "POST / a 2 keep"])
    }

    @Test func `an HTTP 1.0 client receives no 100`() {
        var conversation = Conversation()
        conversation.feed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok")
        #expect(conversation.events == ["POST / - 2 close"])
    }

    @Test func `the response at the limit of requests closes the connection`() {
        var limits = Server.Limits()
        limits.requestsPerConnection = 2
        var conversation = Conversation(limits: limits)
        conversation.feed(get + get + get)
        #expect(conversation.events == ["GET / a 0 keep", "GET / a 0 close"])
    }

    @Test func `an incomplete message gets 400`() {
        var head = Conversation()
        head.feed("GET / HTTP/1.1\r\nHo")
        head.end()
        #expect(head.events == ["refuse 400"])
        var body = Conversation()
        body.feed(post + "abc")
        body.end()
        #expect(body.events == ["refuse 400"])
    }

    @Test func `a connection that the client closes between requests is closed without a response`() {
        var conversation = Conversation()
        conversation.feed(get)
        conversation.end()
        #expect(conversation.events == ["GET / a 0 keep", "close"])
    }

    @Test func `a draining connection is closed at once if idle, otherwise after its response`() {
        var idle = Conversation()
        guard case .close = idle.machine.drain() else {
            Issue.record("an idle connection stays open")
            return
        }
        var busy = Conversation()
        busy.feed("GET / HT")
        guard case .wait = busy.machine.drain() else {
            Issue.record("a busy connection is closed")
            return
        }
        busy.feed("TP/1.1\r\nHost: a\r\n\r\n")
        #expect(busy.events == ["GET / a 0 close"])
    }

    @Test func `bytes after a refused request are not parsed`() {
        var conversation = Conversation()
        conversation.feed("G@T / HTTP/1.1\r\n\r\n" + get)
        #expect(conversation.events == ["refuse 400"])
    }
}
