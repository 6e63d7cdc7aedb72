import Captive
import Foundation
import Logging

/// Deletes the records of guests whose stay ended longer ago than the operator wants to remember.
struct RetentionWatch: Sendable {
    let sessions: any SessionStore
    let days: Int
    let logger: Logger
    private static let interval: Duration = .seconds(3_600)
    /// Rows in one transaction, so that guests never wait long behind it.
    private static let batch = 500

    /// Looks at once and then hourly, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do {
                let count = try await forget(now: Date())
                if count > 0 {
                    logger.info("guest records deleted", metadata: ["count": "\(count)", "days": "\(days)"])
                }
            } catch {
                logger.error("guest records cannot be deleted, trying again", metadata: ["error": "\(error)"])
            }
            guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
        }
    }

    private func forget(now: Date) async throws -> Int {
        let end = now - Double(days * 86_400)
        var total = 0
        var count = 0
        repeat {
            count = try await sessions.forgetSessions(endedBefore: end, limit: Self.batch)
            total += count
        } while count == Self.batch && !Task.isCancelled
        return total
    }
}
