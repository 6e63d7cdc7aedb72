import Captive
import Foundation
import Logging
import Storage

/// Deletes old data: sessions that ended and coupons that expired before the retention time, unused images, old audit
/// log entries, and expired idempotent responses. Deletes nothing while the clock is not trusted.
struct RetentionWatch: Sendable {
    let store: Store
    let days: Int
    let auditDays: Int
    let clock: ClockWatch
    let logger: Logger
    private static let interval: Duration = .seconds(3_600)
    /// Seconds for which pages in browsers and on other nodes may still refer to a replaced image: a day.
    private static let grace: TimeInterval = 86_400
    /// Rows per transaction, so that transactions remain short.
    private static let batch = 500

    /// Deletes old data now and then hourly, until the task is cancelled.
    func run() async {
        await RepeatedTask("delete old records", every: Self.interval, logger: logger) {
            if try await clock.isTrusted() { try await deleteOldData(now: Date()) }
        }.run()
    }

    private func deleteOldData(now: Date) async throws {
        let end = now - Double(days * 86_400)
        let guests = try await delete { try await store.deleteSessions(endedBefore: end, limit: $0) }
        let codes = try await delete { try await store.deleteCoupons(expiredBefore: end, limit: $0) }
        _ = try await delete { try await store.deleteImages(replacedBefore: now - Self.grace, limit: $0) }
        let auditEnd = now - Double(auditDays * 86_400)
        _ = try await delete { try await store.deleteAuditEntries(before: auditEnd, limit: $0) }
        _ = try await delete { try await store.deleteResponses(before: now - IdempotencyKey.lifetime, limit: $0) }
        report(guests, "guest records deleted")
        report(codes, "coupons deleted")
    }

    private func report(_ count: Int, _ what: Logger.Message) {
        if count > 0 { logger.info(what, metadata: ["count": "\(count)", "days": "\(days)"]) }
    }

    private func delete(_ delete: (Int) async throws -> Int) async throws -> Int {
        var total = 0
        var count = 0
        repeat {
            count = try await delete(Self.batch)
            total += count
        } while count == Self.batch && !Task.isCancelled
        return total
    }
}
