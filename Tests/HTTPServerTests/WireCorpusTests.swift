import Testing

@testable import HTTPServer

struct WireCorpusTests {
    @Test func `the corpus is complete`() {
        #expect(WireCase.all.filter(\.isAccepted).count >= 25)
        #expect(WireCase.all.filter { !$0.isAccepted }.count >= 100)
    }

    @Test(arguments: WireCase.all) func `a message is accepted or refused as its folder specifies`(_ wire: WireCase) {
        var conversation = Conversation()
        conversation.feed(wire.bytes)
        #expect(conversation.events == wire.expected)
    }

    @Test(arguments: WireCase.all) func `a message that arrives byte by byte gives the same events`(_ wire: WireCase) {
        var conversation = Conversation()
        conversation.feed(wire.bytes, size: 1)
        #expect(conversation.events.filter { $0 != "100" } == wire.expected)
    }

    @Test func `a server responds to every message of the corpus`() async throws {
        let server = try TestServer { _ in .text(.ok, "fine") }
        for wire in WireCase.all {
            let client = try server.connect()
            client.send(wire.bytes)
            client.finishSending()
            let statuses = HTTPReply.all(in: client.readToEnd(), isHead: wire.methods.map { $0 == "HEAD" }).map(
                \.status)
            #expect(statuses == wire.statuses, "\(wire.name)")
        }
        await server.stop()
    }
}

extension WireCase {
    fileprivate var methods: [String] { expected.map { String($0.prefix { $0 != " " }) } }

    fileprivate var statuses: [Int] {
        status.map { [$0] } ?? methods.map { $0 == "OPTIONS" ? 204 : 200 }
    }
}
