// Captive owns the rules of a guest network: instances, sites, coupons and sessions, when a code is accepted, what a
// gateway does, and how a guest's state is sealed. It performs no I/O and depends on neither SQL nor HTTP. Protocols
// (`Gateway`, `AccessStore`, …) describe what it needs from other targets.
//
// Reading order: Instances/Instance, Sites/Site, Coupons/Coupon, Sessions/GuestSession, Sessions/SessionLifecycle,
// Sessions/DesiredAccess, Sites/Gateway, Tokens/Sealer and GuestTicket, Schedules/CouponSchedule,
// WalledGarden/WalledGarden, Notifications/NotificationGroup, Audit/AuditEntry, Limits/RateLimit.

package import Foundation

/// A tenant, which owns resources. A token has access to one workspace only. 1 to 64 of `a-z 0-9 - _`.
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

    /// The workspace of a portal with a single workspace.
    package static let `default` = Workspace(trusted: "default")

    package var description: String { rawValue }
}

/// Returns the current time. Injected for tests. Called from any thread.
package typealias WallClock = @Sendable () -> Date

/// An error of a store. Every backend throws these errors for these cases.
package enum StoreError: Error, Equatable {
    /// The object exists already, or conflicts with another one. The text describes the conflict for an admin.
    case conflict(String)
    /// The object to change does not exist.
    case notFound
}

/// A failure of the database.
package protocol StoreFault: Error {
    /// Whether the cause is the environment, such as the disk, a file or a lock. Nothing was written, and the same call
    /// succeeds once the cause is fixed.
    var isUnavailable: Bool { get }
}

/// A part of a list, newest first.
package struct ListPage: Sendable, Equatable {
    /// Maximum number of rows, 1 to 500.
    package var limit: Int
    /// Returns only rows older than this one: the last row of the previous page.
    package var after: Cursor?

    /// The position of a row in a list that is ordered by time and id, newest first.
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
