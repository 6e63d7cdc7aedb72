package import Foundation

/// The delivery of one notification to one target. Deliveries are separate, so a retry affects one target only.
package struct NotificationDelivery: Sendable, Equatable, Identifiable {
    package let id: UUID
    package let notification: CouponNotification
    package let target: Target
    /// The group's workspace.
    package let workspace: Workspace
    /// The number of attempts, including a running one.
    package var attempts: Int
    /// The time of the next attempt; for a running attempt, the time at which another node may take it over.
    package var dueAt: Date

    /// The recipient of a delivery.
    package enum Target: Hashable, Sendable {
        case email(EmailAddress)
        /// The group's webhook, at its address at the time of sending.
        case webhook
    }

    package init(
        id: UUID = UUID(), notification: CouponNotification, target: Target, workspace: Workspace, attempts: Int = 0,
        dueAt: Date
    ) {
        self.id = id
        self.notification = notification
        self.target = target
        self.workspace = workspace
        self.attempts = attempts
        self.dueAt = dueAt
    }
}

/// The state of the latest delivery to a target.
package struct DeliveryState: Sendable, Equatable {
    package let target: NotificationDelivery.Target
    package let status: Status
    /// The reason of a failure, for admins; nil if delivered.
    package let reason: String?
    /// The time of the last attempt.
    package let at: Date

    /// The status of a delivery.
    package enum Status: String, Sendable, CaseIterable {
        case delivered
        /// The attempt failed and will be retried.
        case retrying
        /// The delivery failed for good.
        case failed
    }

    package init(target: NotificationDelivery.Target, status: Status, reason: String?, at: Date) {
        self.target = target
        self.status = status
        self.reason = reason
        self.at = at
    }
}
