import Captive
import Foundation

/// A delivery as a row of `deliveries`.
enum DeliveryRow {
    static func delivery(_ row: SQLRow) throws -> NoticeDelivery {
        var reader = RowReader(row)
        let id = try reader.id()
        let notice = Notice(
            id: try reader.id(), groupID: .init(try reader.id()), scheduleID: try reader.id(),
            scheduleName: try reader.text(), instanceID: try reader.id(), count: try reader.integer(),
            expiresAt: try reader.date(), timeZone: try reader.text(), createdAt: try reader.date())
        let (target, attempts, dueAt) = (try reader.target(), try reader.integer(), try reader.date())
        return NoticeDelivery(
            id: id, notice: notice, target: target, workspace: try reader.workspace(), attempts: attempts, dueAt: dueAt)
    }

    static func arguments(_ delivery: NoticeDelivery) -> [SQLValue] {
        let notice = delivery.notice
        return [
            .id(delivery.id), .id(notice.id), .id(notice.groupID.uuid), .id(notice.scheduleID),
            .text(notice.scheduleName), .id(notice.instanceID), .integer(notice.count), .date(notice.expiresAt),
            .text(notice.timeZone), .date(notice.createdAt),
        ] + delivery.target.arguments + [.integer(delivery.attempts), .date(delivery.dueAt)]
    }
}

extension NoticeDelivery.Target {
    /// Channel and target, in the order of the columns.
    var arguments: [SQLValue] {
        switch self {
        case .email(let address): [.text("email"), .text(address.description)]
        case .webhook: [.text("webhook"), .text("")]
        }
    }
}

extension RowReader {
    /// A channel's column and its target's.
    mutating func target() throws -> NoticeDelivery.Target {
        let (channel, text) = (try text(), try text())
        switch channel {
        case "webhook": return .webhook
        case "email": return .email(try EmailAddress(text) ?? damaged("e-mail address"))
        default: return try damaged("channel")
        }
    }
}
