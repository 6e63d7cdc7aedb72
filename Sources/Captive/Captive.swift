// Captive owns the rules of a guest network: what an instance, a site, a coupon and a guest's session are, when a code
// is accepted, what a gateway must be able to do, and how a guest's state travels sealed. It performs no I/O and knows
// no SQL and no HTTP; what it needs from outside it states as a role (`InstanceStore`,
// `RedemptionStore`, `Gateway`, …).
//
// Reading order: Instances/Instance, Sites/Site, Coupons/Coupon, Sessions/GuestSession, SessionLifecycle and DesiredAccess,
// Sites/Gateway, Tokens/Sealer and GuestTicket, Instances/InstanceCatalog,
// Schedules/CouponSchedule, WalledGarden/WalledGarden, Notifications/NotificationGroup, Audit/AuditEntry,
// Diagnosis/Finding and DeviceVerdict, Limits/RateLimit.

package import Foundation

/// The tenant that owns resources; a token sees its own workspace only. 1 to 64 of `a-z 0-9 - _`.
package struct Workspace: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String

    package init?(rawValue: String) {
        guard (1...64).contains(rawValue.utf8.count),
            rawValue.utf8.allSatisfy({
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
            })
        else { return nil }
        self.rawValue = rawValue
    }

    private init(trusted rawValue: String) { self.rawValue = rawValue }

    /// The workspace of a portal that has only one.
    package static let `default` = Workspace(trusted: "default")

    package var description: String { rawValue }
}

/// Tells the time; injected, so that tests decide it. Called from any thread.
package typealias WallClock = @Sendable () -> Date

/// Why a store refused. Every backend throws these and no error of its own for these cases.
package enum StoreError: Error, Equatable {
    /// Something with that identity exists, or something that exists excludes it; the text says what, for an admin.
    case conflict(String)
    /// What is to be changed is not there (any more).
    case notFound
}

/// A fault of what the portal keeps its state in.
package protocol StoreFault: Error {
    /// Whether a disk, a file or a lock is missing rather than the portal at fault: nothing was written, and the same
    /// call works once that is mended.
    var isUnavailable: Bool { get }
}

/// A part of a list, newest first.
package struct ListPage: Sendable, Equatable {
    /// Most rows to return, 1 to 500.
    package var limit: Int
    /// Rows older than this one only: the last row of the page before.
    package var after: Cursor?

    /// The place of a row in a list that is ordered by time and id, newest first.
    package struct Cursor: Sendable, Equatable {
        package var createdAt: Date
        package var id: UUID

        package init(createdAt: Date, id: UUID) {
            self.createdAt = createdAt
            self.id = id
        }
    }

    package init(limit: Int = 100, after: Cursor? = nil) {
        self.limit = limit
        self.after = after
    }
}

extension UUID {
    /// The lower-case text form (RFC 9562 section 4), as the control API prints ids.
    package var text: String { uuidString.lowercased() }
}
