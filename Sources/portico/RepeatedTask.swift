import Logging

/// Work that is done again and again until its task is cancelled.
struct RepeatedTask: Sendable {
    private let name: String
    private let interval: Duration
    private let logger: Logger
    private let work: @Sendable () async throws -> Void

    /// - Parameter name: The work as an infinitive for the log: "delete old records".
    init(
        _ name: String, every interval: Duration, logger: Logger, _ work: @Sendable @escaping () async throws -> Void
    ) {
        self.name = name
        self.interval = interval
        self.logger = logger
        self.work = work
    }

    @Sendable func run() async {
        while !Task.isCancelled {
            do { try await work() } catch {
                logger.error("cannot \(name); retrying in \(interval)", metadata: ["error": "\(error)"])
            }
            guard (try? await Task.sleep(for: interval)) != nil else { return }
        }
    }
}
