package import Captive
package import Foundation

extension Store {
    /// Adds a delivery to the outbox for each target of the group, due now, in the transaction that creates the
    /// coupons. Does nothing if the group was deleted.
    func enqueue(_ notification: CouponNotification, _ connection: any SQLConnection) throws {
        guard let group = try notificationGroup(notification.groupID, connection) else { return }
        for target in group.targets {
            let delivery = NotificationDelivery(
                notification: notification, target: target, workspace: group.workspace, dueAt: notification.createdAt)
            try connection.execute(DeliverySQL.insert, DeliveryRow.arguments(delivery))
        }
    }

    /// Claims due deliveries for which there are free slots. Other nodes cannot claim them until `lease`; a delivery
    /// that is neither finished nor postponed is due again then. Workspaces with the fewest running deliveries come
    /// first, and within a workspace the oldest deliveries.
    package func claimDeliveries(now: Date, lease: Date, slots: DeliverySlots) async throws -> [NotificationDelivery] {
        // Most calls find no due delivery, and then need no write transaction.
        let due = try await database.read { try Self.due(at: now, slots, $0) }
        guard !due.isEmpty else { return [] }
        return try await database.write { connection in
            try due.compactMap { delivery in
                let arguments: [SQLValue] = [.id(delivery.id), .integer(delivery.attempts), .date(lease)]
                guard try connection.execute(DeliverySQL.claim, arguments) == 1 else { return nil }
                var claimed = delivery
                claimed.attempts += 1
                claimed.dueAt = lease.kept
                return claimed
            }
        }
    }

    /// Deletes the delivery and stores `state` with the group.
    package func finish(_ delivery: NotificationDelivery, _ state: DeliveryState) async throws {
        try await database.write { connection in
            try connection.execute(DeliverySQL.delete, [.id(delivery.id)])
            try Self.keep(state, of: delivery, connection)
        }
    }

    /// Makes the delivery due again at `dueAt`, and stores `state` unless it is nil. Does nothing if another node has
    /// taken the delivery over.
    package func postpone(_ delivery: NotificationDelivery, until dueAt: Date, _ state: DeliveryState?) async throws {
        try await database.write { connection in
            let arguments: [SQLValue] = [.id(delivery.id), .integer(delivery.attempts), .date(dueAt)]
            guard try connection.execute(DeliverySQL.postpone, arguments) == 1, let state else { return }
            try Self.keep(state, of: delivery, connection)
        }
    }

    /// Returns the delivery's group; nil if it was deleted.
    package func group(of delivery: NotificationDelivery) async throws -> NotificationGroup? {
        try await database.read { try notificationGroup(delivery.notification.groupID, $0) }
    }

    /// Returns the due deliveries for which there are free slots; workspaces with the fewest running deliveries come
    /// first. Reads all due deliveries, so that those of one workspace do not hide those of others.
    private static func due(
        at now: Date, _ slots: DeliverySlots, _ connection: any SQLConnection
    ) throws -> [NotificationDelivery] {
        var candidates: [Workspace: [NotificationDelivery]] = [:]
        var page = try Self.page(of: now, after: nil, connection)
        while let last = page.last {
            for delivery in page where candidates[delivery.workspace]?.count ?? 0 < slots.perWorkspace {
                candidates[delivery.workspace, default: []].append(delivery)
            }
            page = page.count < pageSize ? [] : try Self.page(of: now, after: last, connection)
        }
        let ranked = candidates.flatMap { workspace, deliveries in
            deliveries.enumerated().map { (slots.count(of: workspace) + $0.offset, $0.element) }
        }.sorted { ($0.0, $0.1.dueAt) < ($1.0, $1.1.dueAt) }
        var slots = slots
        return ranked.map(\.1).filter { slots.acquire($0.workspace) }
    }

    private static let pageSize = 256
    /// Sorts before all other ids.
    private static let firstID = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))

    private static func page(
        of now: Date, after last: NotificationDelivery?, _ connection: any SQLConnection
    ) throws -> [NotificationDelivery] {
        let start = last.map { ($0.dueAt, $0.id) } ?? (Date(timeIntervalSince1970: 0), Self.firstID)
        return try connection.rows(
            DeliverySQL.due, [.date(now), .date(start.0), .id(start.1), .integer(pageSize)]
        ).map(DeliveryRow.delivery)
    }

    private static func keep(
        _ state: DeliveryState, of delivery: NotificationDelivery, _ connection: any SQLConnection
    ) throws {
        try connection.execute(
            NotificationGroupSQL.setState,
            [.id(delivery.notification.groupID.uuid)] + state.target.arguments
                + [.text(state.status.rawValue), .text(state.reason), .date(state.at)])
    }
}

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
