internal import Synchronization

extension Server {
    /// Counts since the start.
    package struct Statistics: Sendable, Equatable {
        /// Accepted connections.
        package var accepted = 0
        /// Currently open connections.
        package var open = 0
        /// Complete requests passed to the responder.
        package var requests = 0
        /// Responses by the first digit of their status, including refusals.
        package var responses: [Int: Int] = [:]
        /// Requests that the server itself refused, by status.
        package var refusals: [Int: Int] = [:]
        /// Received bytes of requests, without TLS overhead.
        package var bytesReceived = 0
        /// Sent bytes of responses, without TLS overhead.
        package var bytesSent = 0

        /// All zero.
        package init() {}
    }
}

/// One loop's counts; written by the loop's thread, read by any thread.
final class Counters: Sendable {
    let accepted = Atomic<Int>(0)
    let requests = Atomic<Int>(0)
    let bytesReceived = Atomic<Int>(0)
    let bytesSent = Atomic<Int>(0)
    private let success = Atomic<Int>(0)
    private let redirection = Atomic<Int>(0)
    private let clientError = Atomic<Int>(0)
    private let serverError = Atomic<Int>(0)
    private let refusals = Mutex<[Int: Int]>([:])

    func count(_ status: Status) {
        switch status.rawValue / 100 {
        case 2: success.increment()
        case 3: redirection.increment()
        case 4: clientError.increment()
        default: serverError.increment()
        }
    }

    func countRefusal(_ status: Status) { refusals.withLock { $0[status.rawValue, default: 0] += 1 } }

    func add(to statistics: inout Server.Statistics) {
        statistics.accepted += accepted.value
        statistics.requests += requests.value
        statistics.bytesReceived += bytesReceived.value
        statistics.bytesSent += bytesSent.value
        let classes = [2: success.value, 3: redirection.value, 4: clientError.value, 5: serverError.value]
        statistics.responses.merge(classes.filter { $0.value > 0 }, uniquingKeysWith: +)
        statistics.refusals.merge(refusals.withLock { $0 }, uniquingKeysWith: +)
    }
}

extension Atomic where Value == Int {
    var value: Int { load(ordering: .relaxed) }

    /// For counts that only one thread writes; avoids a locked instruction.
    func increment(by amount: Int = 1) { store(load(ordering: .relaxed) &+ amount, ordering: .relaxed) }
}
