import Captive
import Foundation

/// A delivery as a row of `deliveries`.
enum DeliveryRow {
    static func delivery(_ row: SQLRow) throws -> NotificationDelivery {
        var reader = RowReader(row)
        let id = try reader.id()
        let notification = CouponNotification(
            id: try reader.id(), groupID: .init(try reader.id()), scheduleID: try reader.id(),
            scheduleName: try reader.text(), instanceID: try reader.id(), count: try reader.integer(),
            expiresAt: try reader.date(), timeZone: try reader.text(), createdAt: try reader.date())
        let (target, attempts, dueAt) = (try reader.target(), try reader.integer(), try reader.date())
        return NotificationDelivery(
            id: id, notification: notification, target: target, workspace: try reader.workspace(), attempts: attempts,
            dueAt: dueAt)
    }

    static func arguments(_ delivery: NotificationDelivery) -> [SQLValue] {
        let notification = delivery.notification
        return [
            .id(delivery.id), .id(notification.id), .id(notification.groupID.uuid), .id(notification.scheduleID),
            .text(notification.scheduleName), .id(notification.instanceID), .integer(notification.count),
            .date(notification.expiresAt),
            .text(notification.timeZone), .date(notification.createdAt),
        ] + delivery.target.arguments + [.integer(delivery.attempts), .date(delivery.dueAt)]
    }
}

extension NotificationDelivery.Target {
    /// The values of channel and target, in the order of the columns.
    var arguments: [SQLValue] {
        switch self {
        case .email(let address): [.text("email"), .text(address.description)]
        case .webhook: [.text("webhook"), .text("")]
        }
    }
}

extension RowReader {
    /// Reads the columns of channel and target.
    mutating func target() throws -> NotificationDelivery.Target {
        let (channel, text) = (try text(), try text())
        switch channel {
        case "webhook": return .webhook
        case "email": return .email(try EmailAddress(text) ?? damaged("e-mail address"))
        default: return try damaged("channel")
        }
    }
}
