package import Foundation

/// One notification on its way to one target. Each target has a delivery of its own, so one that fails repeats no other.
package struct NotificationDelivery: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let notification: CouponNotification
    package let target: Target
    /// Of the group.
    package let workspace: Workspace
    /// Tries so far, one under way included.
    package var attempts: Int
    /// When it is to be tried next; for one under way, when another node may take it over.
    package var dueAt: Date

    /// Where a notification goes.
    package enum Target: Hashable, Sendable {
        case email(EmailAddress)
        /// The group's webhook, at the address that it has when the notification is sent.
        case webhook
    }

    package init(
        id: UUID = UUID(), notification: CouponNotification, target: Target, workspace: Workspace, attempts: Int = 0, dueAt: Date
    ) {
        self.id = id
        self.notification = notification
        self.target = target
        self.workspace = workspace
        self.attempts = attempts
        self.dueAt = dueAt
    }
}

/// How the latest notification to a target fared.
package struct DeliveryState: Sendable, Equatable {
    package let target: NotificationDelivery.Target
    package let status: Status
    /// Why not, in words for an admin; nil for a delivered one.
    package let reason: String?
    /// When it was last tried.
    package let at: Date

    /// Where a delivery stands.
    package enum Status: String, Sendable, CaseIterable {
        case delivered
        /// It failed, and is tried again.
        case retrying
        /// It was given up.
        case failed
    }

    package init(target: NotificationDelivery.Target, status: Status, reason: String?, at: Date) {
        self.target = target
        self.status = status
        self.reason = reason
        self.at = at
    }
}

/// Keeps what is still to be delivered. Several nodes may share it.
package protocol NotificationOutbox: Sendable {
    /// Takes deliveries that are due and find a place, and keeps other nodes from them until `lease`: then one that is
    /// neither finished nor postponed is due again. The workspace with the fewest under way comes first, and of each
    /// its oldest.
    func claimDeliveries(now: Date, lease: Date, places: DeliverySlots) async throws -> [NotificationDelivery]
    /// The delivery is over, well or not: it is forgotten and `state` kept with the group.
    func finish(_ delivery: NotificationDelivery, _ state: DeliveryState) async throws
    /// The delivery is due again at `dueAt`, its state as it was if nil. Nothing changes if another
    /// node has taken it over.
    func postpone(_ delivery: NotificationDelivery, until dueAt: Date, _ state: DeliveryState?) async throws
    /// The delivery's group as it is now; nil if it is gone.
    func group(of delivery: NotificationDelivery) async throws -> NotificationGroup?
}
