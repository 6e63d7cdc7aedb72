package import Foundation

/// The news that a schedule has made coupons (event `coupons.generated`), for one notification group. It is put into
/// the outbox in the transaction that makes the coupons, and holds none of their codes.
package struct CouponNotification: Sendable, Equatable, Identifiable {
    /// Stays the same however often it is delivered, so that a receiver can tell a repetition.
    package let id: UUID
    package let groupID: NotificationGroup.ID
    package let scheduleID: UUID
    /// As it was when the coupons were made.
    package let scheduleName: String
    package let instanceID: UUID
    /// Coupons made.
    package let count: Int
    /// When these coupons expire.
    package let expiresAt: Date
    /// The schedule's, an IANA name: the e-mail tells times in it.
    package let timeZone: String
    package let createdAt: Date

    package init(
        id: UUID = UUID(), groupID: NotificationGroup.ID, scheduleID: UUID, scheduleName: String, instanceID: UUID,
        count: Int, expiresAt: Date, timeZone: String, createdAt: Date
    ) {
        self.id = id
        self.groupID = groupID
        self.scheduleID = scheduleID
        self.scheduleName = scheduleName
        self.instanceID = instanceID
        self.count = count
        self.expiresAt = expiresAt
        self.timeZone = timeZone
        self.createdAt = createdAt
    }
}
