internal import Captive
internal import NetworkAddress
internal import Synchronization

/// Which device has an address, asked of a router on behalf of guests' requests, which anybody can send in any number.
///
/// One read is under way at a time and answers up to `batch` addresses; who asks for an address that is being read
/// shares the answer. Answers are remembered for at most three seconds, failures and unknown addresses too. When
/// `mostWaiting` addresses wait already, the next is refused at once.
final class DeviceLookUps: Sendable {
    typealias Answer = Result<MACAddress?, GatewayError>

    private struct State {
        var isReading = false
        /// Not being read yet.
        var queue: ArraySlice<IPAddress> = []
        var waiters: [IPAddress: [CheckedContinuation<Answer, Never>]] = [:]
        // Two generations of answers: a full or old one is dropped as a whole.
        var recent: [IPAddress: Answer] = [:]
        var older: [IPAddress: Answer] = [:]
        var recentSince = ContinuousClock.now
    }

    private static let batch = 32
    private static let mostWaiting = 64
    private static let mostRemembered = 512
    private static let memory: Duration = .milliseconds(1_500)

    private let state = Mutex(State())
    private let read: @Sendable ([IPAddress]) async throws(GatewayError) -> [IPAddress: MACAddress]

    /// `read` returns the devices that the router knows; an address that is missing has none.
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

    /// The answer, if it is at hand; else `continuation` gets it later.
    private func take(
        _ address: IPAddress, _ continuation: CheckedContinuation<Answer, Never>, _ state: inout State
    ) -> Answer? {
        Self.forgetOld(&state)
        if let known = state.recent[address] ?? state.older[address] { return known }
        if state.waiters[address] == nil {
            guard state.queue.count < Self.mostWaiting else {
                return .failure(.busy("too many guests are looked up at the same time"))
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
            for address in batch { give(answers.map { $0[address] }, address) }
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

    private func give(_ answer: Answer, _ address: IPAddress) {
        let waiters = state.withLock { state in
            Self.forgetOld(&state)
            state.recent[address] = answer
            return state.waiters.removeValue(forKey: address) ?? []
        }
        for waiter in waiters { waiter.resume(returning: answer) }
    }

    private static func forgetOld(_ state: inout State) {
        let age = state.recentSince.duration(to: .now)
        guard age >= memory || state.recent.count >= mostRemembered else { return }
        state.older = age >= memory * 2 ? [:] : state.recent
        state.recent = [:]
        state.recentSince = .now
    }
}
