import Captive
import Foundation
import Logging

/// Deletes what is not needed any more: the records of guests whose stay ended, and coupons that expired, longer ago
/// than the operator wants to remember, images that themes do not name any more, old entries of the audit log, and
/// answers that are not repeated any more. Deletes nothing while the clock cannot be believed.
struct RetentionWatch: Sendable {
    let sessions: any SessionStore
    let coupons: any CouponStore
    let images: any ImageStore
    let audit: any AuditTrail
    let answers: any IdempotencyStore
    let days: Int
    let auditDays: Int
    let clock: ClockWatch
    let logger: Logger
    private static let interval: Duration = .seconds(3_600)
    /// Seconds for which pages in browsers and on other nodes may still name a replaced image: a day.
    private static let grace: TimeInterval = 86_400
    /// Rows in one transaction, so that guests never wait long behind it.
    private static let batch = 500

    /// Looks at once and then hourly, until the task is cancelled.
    func run() async {
        while !Task.isCancelled {
            do { if try await clock.isTrusted() { try await forgetAll(now: Date()) } } catch {
                logger.error("old records cannot be deleted, trying again", metadata: ["error": "\(error)"])
            }
            guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
        }
    }

    private func forgetAll(now: Date) async throws {
        let end = now - Double(days * 86_400)
        let guests = try await forget { try await sessions.deleteSessions(endedBefore: end, limit: $0) }
        let codes = try await forget { try await coupons.forgetCoupons(expiredBefore: end, limit: $0) }
        _ = try await forget { try await images.forgetImages(replacedBefore: now - Self.grace, limit: $0) }
        let auditEnd = now - Double(auditDays * 86_400)
        _ = try await forget { try await audit.forgetAuditEntries(before: auditEnd, limit: $0) }
        _ = try await forget { try await answers.forgetAnswers(before: now - IdempotencyClaim.lifetime, limit: $0) }
        report(guests, "guest records deleted")
        report(codes, "coupons deleted")
    }

    private func report(_ count: Int, _ what: Logger.Message) {
        if count > 0 { logger.info(what, metadata: ["count": "\(count)", "days": "\(days)"]) }
    }

    private func forget(_ delete: (Int) async throws -> Int) async throws -> Int {
        var total = 0
        var count = 0
        repeat {
            count = try await delete(Self.batch)
            total += count
        } while count == Self.batch && !Task.isCancelled
        return total
    }
}
