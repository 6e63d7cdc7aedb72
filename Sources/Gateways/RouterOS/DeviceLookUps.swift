internal import Captive
internal import NetworkAddress
internal import Synchronization

/// Looks up devices by IP address on a router, on behalf of guests' requests, whose number is not limited.
///
/// One read runs at a time, for up to `batch` addresses. Callers that ask for the same address share the result.
/// Results are cached for at most three seconds, including failures and unknown addresses. While `mostWaiting`
/// addresses are queued, further ones are refused at once.
final class DeviceLookUps: Sendable {
    typealias Answer = Result<MACAddress?, GatewayError>

    private struct State {
        var isReading = false
        /// Addresses for the next reads.
        var queue: ArraySlice<IPAddress> = []
        var waiters: [IPAddress: [CheckedContinuation<Answer, Never>]] = [:]
        // Two generations of cached results. A full or old generation is dropped as a whole.
        var recent: [IPAddress: Answer] = [:]
        var older: [IPAddress: Answer] = [:]
        var recentSince = ContinuousClock.now
    }

    private static let batch = 32
    private static let mostWaiting = 64
    private static let mostCached = 512
    private static let cacheTTL: Duration = .milliseconds(1_500)

    private let state = Mutex(State())
    private let read: @Sendable ([IPAddress]) async throws(GatewayError) -> [IPAddress: MACAddress]

    /// `read` returns the known devices; an unknown address is missing from its result.
    init(read: @escaping @Sendable ([IPAddress]) async throws(GatewayError) -> [IPAddress: MACAddress]) {
        self.read = read
    }

    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        let answer = await withCheckedContinuation { continuation in
            let known = state.withLock { take(address, continuation, &$0) }
            if let known { continuation.resume(returning: known) }
        }
        return try answer.get()
    }

    /// Returns the cached result. If there is none, returns nil and resumes `continuation` later.
    private func take(
        _ address: IPAddress, _ continuation: CheckedContinuation<Answer, Never>, _ state: inout State
    ) -> Answer? {
        Self.evictOld(&state)
        if let known = state.recent[address] ?? state.older[address] { return known }
        if state.waiters[address] == nil {
            guard state.queue.count < Self.mostWaiting else {
                return .failure(.busy("too many device look-ups at the same time"))
            }
            state.queue.append(address)
        }
        state.waiters[address, default: []].append(continuation)
        if !state.isReading {
            state.isReading = true
            Task { await readAll() }
        }
        return nil
    }

    private func readAll() async {
        while let batch = takeBatch() {
            let answers: Result<[IPAddress: MACAddress], GatewayError>
            do { answers = .success(try await read(batch)) } catch { answers = .failure(error) }
            for address in batch { deliver(answers.map { $0[address] }, address) }
        }
    }

    private func takeBatch() -> [IPAddress]? {
        state.withLock { state in
            let batch = Array(state.queue.prefix(Self.batch))
            state.queue.removeFirst(batch.count)
            if batch.isEmpty { state.isReading = false }
            return batch.isEmpty ? nil : batch
        }
    }

    private func deliver(_ answer: Answer, _ address: IPAddress) {
        let waiters = state.withLock { state in
            Self.evictOld(&state)
            state.recent[address] = answer
            return state.waiters.removeValue(forKey: address) ?? []
        }
        for waiter in waiters { waiter.resume(returning: answer) }
    }

    private static func evictOld(_ state: inout State) {
        let age = state.recentSince.duration(to: .now)
        guard age >= cacheTTL || state.recent.count >= mostCached else { return }
        state.older = age >= cacheTTL * 2 ? [:] : state.recent
        state.recent = [:]
        state.recentSince = .now
    }
}
