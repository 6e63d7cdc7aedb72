import Foundation
import Logging
import Storage

/// Whether the portal can serve, for `/readyz`. Checked by a write to the database and by opening a stored secret, at
/// most every five seconds.
actor Readiness {
    private let store: Store
    private let logger: Logger
    private var last: (time: ContinuousClock.Instant, problem: String?)?
    private var running: Task<String?, Never>?
    private static let interval: Duration = .seconds(5)

    init(store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Returns the reason why the portal is not ready, for operators; nil if it is ready.
    func problem() async -> String? {
        if let running { return await running.value }
        if let last, ContinuousClock.now - last.time < Self.interval {
            return last.problem ?? store.writeFault.map { "\($0)" }
        }
        let check = Task { await self.check() }
        running = check
        let problem = await check.value
        running = nil
        record(problem)
        return problem
    }

    private func check() async -> String? {
        do {
            try await store.checkHealth(now: Date())
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func record(_ problem: String?) {
        if problem != last?.problem {
            if let problem {
                logger.error("not ready", metadata: ["reason": "\(problem)"])
            } else if last != nil {
                logger.notice("ready again")
            }
        }
        last = (.now, problem)
    }
}
