package import Foundation

/// A notification for one notification group that a schedule has created coupons (event `coupons.generated`). It is
/// stored in the transaction that creates the coupons, and contains no codes.
package struct CouponNotification: Sendable, Equatable, Identifiable {
    /// The same for every attempt, so that receivers can detect duplicates.
    package let id: UUID
    package let groupID: NotificationGroup.ID
    package let scheduleID: UUID
    /// The name when the coupons were created.
    package let scheduleName: String
    package let instanceID: UUID
    /// The number of coupons.
    package let count: Int
    /// The time at which the coupons expire.
    package let expiresAt: Date
    /// The schedule's time zone, an IANA name. E-mails show times in it.
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
