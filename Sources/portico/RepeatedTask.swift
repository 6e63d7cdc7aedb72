import Logging

/// Work that is done again and again until its task is cancelled.
struct RepeatedTask: Sendable {
    private let interval: Duration
    private let logger: Logger
    private let work: @Sendable () async throws -> Void

    init(every interval: Duration, logger: Logger, _ work: @Sendable @escaping () async throws -> Void) {
        self.interval = interval
        self.logger = logger
        self.work = work
    }

    @Sendable func run() async {
        while !Task.isCancelled {
            do { try await work() } catch {
                logger.error("failed; retrying in \(interval)", metadata: ["error": "\(error)"])
            }
            guard (try? await Task.sleep(for: interval)) != nil else { return }
        }
    }
}
