internal import Foundation

/// Serves one client of the API: passes its commands to the router and carries out planned faults.
struct APIClient {
    let router: SimulatedRouter
    let socket: APISocket
    private var words = APIWords()
    private var conversation: APIConversation

    init(router: SimulatedRouter, socket: APISocket) {
        self.router = router
        self.socket = socket
        conversation = router.makeConversation()
    }

    /// Returns when the connection has ended.
    mutating func serve() {
        while let bytes = socket.receive(), let sentences = words.sentences(after: bytes) {
            for sentence in sentences where !take(sentence) { return }
        }
    }

    /// Returns false to end the connection.
    private mutating func take(_ sentence: [String]) -> Bool {
        switch conversation.take(sentence) {
        case .reply(let sentences): return send(sentences)
        case .end(let sentences):
            _ = send(sentences)
            return false
        case .execute(let call, let tag): return answer(call, tag)
        }
    }

    private func answer(_ call: RouterCall, _ tag: [String]) -> Bool {
        let (fault, answer) = router.answerWithFault(call)
        let sentences = answer.map { conversation.answer($0, to: call, tag: tag) } ?? []
        switch fault {
        case nil: return send(sentences)
        case .hang, .loseAnswer: return true
        case .delay(let duration):
            Thread.sleep(
                forTimeInterval: Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
            return send(sentences)
        case .refuse(let status, let detail):
            let refusal = RouterRefusal.of(status: status, detail: detail)
            return send(conversation.answer(refusal.answer, to: call, tag: tag))
        case .garbage: return socket.send(Array(String(repeating: "HTTP/1.1 400 Bad Request\r\n", count: 9).utf8))
        case .drop(.duringTheAnswer):
            let bytes = sentences.flatMap(APIWords.bytes)
            _ = socket.send(Array(bytes.prefix(bytes.count / 2)))
            return false
        case .drop: return false
        case .reboot:
            router.breakConnections()
            return false
        case .fatal(let text):
            _ = send([["!fatal", text]])
            return false
        }
    }

    private func send(_ sentences: [[String]]) -> Bool { socket.send(sentences.flatMap(APIWords.bytes)) }
}
