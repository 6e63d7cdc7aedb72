internal import Captive
internal import HTTPClient
internal import Synchronization

/// The API of one router (RouterOS 6 and 7), plain or over TLS. Up to two connections stay open; each runs several
/// commands at a time. The total number of running commands is limited, because a router's CPU is slow.
final class RouterOSAPI: RouterOSClient {
    private let access: RouterOSEndpoint
    private let http: HTTPClient
    private let callTimeout: Duration
    private let slots: AsyncSemaphore
    private let connections = Mutex<[APIConnection]>([])

    private static let mostConnections = 2
    /// The number of running commands on a connection at which a second connection is opened.
    private static let busy = 4

    init(_ access: RouterOSEndpoint, http: HTTPClient, callTimeout: Duration, slots: AsyncSemaphore = AsyncSemaphore(8))
    {
        self.slots = slots
        self.access = access
        self.http = http
        self.callTimeout = callTimeout
    }

    func rows(
        _ menu: String, where filter: KeyValuePairs<String, String>, fields: [String],
        atMost limit: RouterOSAnswerLimit, before deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        try await read(menu, fields, filter.map { "?\($0.key)=\($0.value)" }, limit, deadline)
    }

    func rows(
        _ menu: String, any alternatives: [String], fields: [String], before deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        // The query is evaluated on a stack: n terms need n - 1 "or" operators.
        let ors = alternatives.count > 1 ? ["?#" + String(repeating: "|", count: alternatives.count - 1)] : []
        return try await read(menu, fields, alternatives.map { "?" + $0 } + ors, .few, deadline)
    }

    func single(_ menu: String, fields: [String], before deadline: Deadline) async throws(RouterOSFault) -> RouterOSRow
    {
        try await read(menu, fields, [], .few, deadline).first ?? [:]
    }

    func add(_ menu: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) {
        try await run("\(menu)/add", values, before: deadline)
    }

    func set(_ menu: String, id: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) {
        try await run("\(menu)/set", values.merging([".id": id]) { $1 }, before: deadline)
    }

    func remove(_ menu: String, id: String, before deadline: Deadline) async throws(RouterOSFault) {
        do { try await run("\(menu)/remove", [".id": id], before: deadline) } catch .notFound {}
    }

    func run(_ command: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) {
        let words = ["/" + command] + values.map { "=\($0.key)=\($0.value)" }
        _ = try await call(words, [], .few, reading: false, deadline)
    }

    /// Repeats a read once if its connection broke: a restart of the router breaks all open connections.
    private func read(
        _ menu: String, _ fields: [String], _ query: [String], _ limit: RouterOSAnswerLimit, _ deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        let words = ["/\(menu)/print", "=.proplist=\(fields.joined(separator: ","))"] + query
        do {
            return try await call(words, fields, limit, reading: true, deadline).rows
        } catch .indeterminate(.unreachable(let detail)) where detail != RouterOSFault.noAnswer {
            return try await call(words, fields, limit, reading: true, deadline).rows
        }
    }

    private func call(
        _ words: [String], _ fields: [String], _ limit: RouterOSAnswerLimit, reading: Bool, _ deadline: Deadline
    ) async throws(RouterOSFault) -> APISession.Answer {
        guard await slots.acquire() else { throw .definite(.busy(RouterOSFault.tooManyCalls)) }
        defer { slots.release() }
        while deadline.left > .zero {
            // Checked for repeated reads too: the first attempt may have ended because of the cancellation.
            guard !Task.isCancelled else { throw .definite(.unreachable("the call was cancelled")) }
            let left = min(deadline.left, callTimeout)
            guard let outcome = await connection().call(words, fields, atMost: limit, within: left) else { continue }
            let answer = try outcome.get()
            if let trap = answer.trap { throw RouterOSFault(trap, reading: reading) }
            return answer
        }
        throw .definite(.unreachable("no time left for the call"))
    }

    /// The connection with the fewest running commands, or a new one if all are busy and another one is allowed.
    private func connection() -> APIConnection {
        connections.withLock { connections in
            connections.removeAll { $0.load == nil }
            let best = connections.min { $0.load ?? .max < $1.load ?? .max }
            if let best, let load = best.load, load < Self.busy || connections.count == Self.mostConnections {
                return best
            }
            let new = APIConnection(access, http: http, timeout: callTimeout)
            connections.append(new)
            return new
        }
    }
}
