package import Captive
import Foundation

extension Store {
    /// Returns a page of groups, newest first.
    package func notificationGroups(in workspace: Workspace, page: ListPage) async throws -> [NotificationGroup] {
        try await database.read { connection in
            try connection.rows(NotificationGroupSQL.page, [.workspace(workspace)] + page.arguments).map {
                try withStates(group($0), connection)
            }
        }
    }

    /// Returns nil if the workspace has no group with the id.
    package func notificationGroup(
        _ id: NotificationGroup.ID, in workspace: Workspace
    ) async throws -> NotificationGroup? {
        try await database.read { connection in
            guard let group = try notificationGroup(id, connection), group.workspace == workspace else { return nil }
            return try withStates(group, connection)
        }
    }

    /// Creates new sites as needed. Throws `StoreError.conflict` if a subnet overlaps that of another instance at the
    /// same site, or if a site belongs to another workspace.
    package func create(_ group: NotificationGroup) async throws {
        try await database.write { connection in
            guard try connection.row(NotificationGroupSQL.one, [.id(group.id.uuid)]) == nil else {
                throw StoreError.conflict("A notification group has this id already.")
            }
            var arguments = changeable(group)
            arguments.insert(.workspace(group.workspace), at: 1)
            try connection.execute(NotificationGroupSQL.insert, arguments + [.date(group.createdAt)])
        }
    }

    /// Applies `change` in one transaction, and deletes pending deliveries to removed targets. Throws
    /// `StoreError.notFound`.
    package func updateNotificationGroup(
        _ id: NotificationGroup.ID, in workspace: Workspace,
        _ change: @Sendable @escaping (inout NotificationGroup) throws -> Void
    ) async throws -> NotificationGroup {
        try await database.write { connection in
            try Self.hold(id, in: workspace, connection)
            guard var group = try notificationGroup(id, connection) else { throw StoreError.notFound }
            let before = group.targets
            try change(&group)
            try connection.execute(NotificationGroupSQL.update, changeable(group))
            for target in before.subtracting(group.targets) { try Self.forget(target, of: id, connection) }
            return try withStates(group, connection)
        }
    }

    /// Returns false if there was no such group. Throws `StoreError.conflict` if a schedule uses the group.
    package func deleteNotificationGroup(_ id: NotificationGroup.ID, in workspace: Workspace) async throws -> Bool {
        try await database.write { connection in
            do { try Self.hold(id, in: workspace, connection) } catch StoreError.notFound { return false }
            guard try connection.row(NotificationGroupSQL.user, [.id(id.uuid)]) == nil else {
                throw StoreError.conflict("A coupon schedule uses this notification group.")
            }
            return try connection.execute(NotificationGroupSQL.delete, [.id(id.uuid)]) == 1
        }
    }

    /// Locks the group against deletion until the transaction ends, for a caller that is about to refer to it. Throws
    /// `StoreError.notFound` if the workspace has no such group.
    static func hold(
        _ id: NotificationGroup.ID, in workspace: Workspace, _ connection: any SQLConnection
    ) throws {
        let arguments: [SQLValue] = [.id(id.uuid), .workspace(workspace)]
        guard try connection.execute(NotificationGroupSQL.hold, arguments) == 1 else { throw StoreError.notFound }
    }

    /// Returns the group without the states of its deliveries; nil if it was deleted.
    func notificationGroup(
        _ id: NotificationGroup.ID, _ connection: any SQLConnection
    ) throws -> NotificationGroup? {
        try connection.row(NotificationGroupSQL.one, [.id(id.uuid)]).map(group)
    }

    private static func forget(
        _ target: NotificationDelivery.Target, of id: NotificationGroup.ID, _ connection: any SQLConnection
    ) throws {
        let arguments = [.id(id.uuid)] + target.arguments
        try connection.execute(DeliverySQL.deleteOfTarget, arguments)
        try connection.execute(NotificationGroupSQL.deleteState, arguments)
    }

    /// The id and the changeable columns, in the order of `NotificationGroupSQL.update`.
    private func changeable(_ group: NotificationGroup) -> [SQLValue] {
        [
            .id(group.id.uuid), .text(group.name),
            .text(group.emails.map(\.description).joined(separator: "\n")),
            .text(group.webhook?.url.description),
            seal(group.webhook?.secret, for: Self.webhookPurpose(group.id)),
        ]
    }

    private func group(_ row: SQLRow) throws -> NotificationGroup {
        var reader = RowReader(row)
        let id = NotificationGroup.ID(try reader.id())
        return NotificationGroup(
            id: id, workspace: try reader.workspace(), name: try reader.text(), emails: try reader.emails(),
            webhook: try webhook(&reader, of: id), createdAt: try reader.date())
    }

    private func webhook(
        _ reader: inout RowReader, of id: NotificationGroup.ID
    ) throws -> NotificationGroup.Webhook? {
        let text = try reader.optional { try $0.text() }
        let sealed = try reader.optional { try $0.bytes() }
        guard let text, let sealed else { return nil }
        guard let url = WebhookURL(text) else { return try reader.damaged("webhook address") }
        return .init(url: url, secret: open(sealed, for: Self.webhookPurpose(id)))
    }

    private func withStates(
        _ group: NotificationGroup, _ connection: any SQLConnection
    ) throws -> NotificationGroup {
        var group = group
        group.lastDeliveries = try connection.rows(NotificationGroupSQL.states, [.id(group.id.uuid)]).map { row in
            var reader = RowReader(row)
            return DeliveryState(
                target: try reader.target(), status: try reader.word(), reason: try reader.optional { try $0.text() },
                at: try reader.date())
        }
        return group
    }

    static func webhookPurpose(_ id: NotificationGroup.ID) -> String { "webhook-secret:\(id)" }
}

extension RowReader {
    /// Addresses, one per line.
    fileprivate mutating func emails() throws -> [EmailAddress] {
        try text().split(separator: "\n").map { try EmailAddress(String($0)) ?? damaged("e-mail address") }
    }
}

/// Statements on `notification_groups` and on the states of their latest deliveries.
enum NotificationGroupSQL {
    private static let columns = "id, workspace, name, emails, webhook_url, webhook_secret, created_at"

    static let page = """
        SELECT \(columns) FROM notification_groups WHERE workspace = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let one = "SELECT \(columns) FROM notification_groups WHERE id = ?1"
    static let insert = "INSERT INTO notification_groups (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
    static let update = """
        UPDATE notification_groups SET name = ?2, emails = ?3, webhook_url = ?4, webhook_secret = ?5 WHERE id = ?1
        """
    /// Changes nothing, and locks the row until the transaction ends.
    static let hold = "UPDATE notification_groups SET id = id WHERE id = ?1 AND workspace = ?2"
    static let delete = "DELETE FROM notification_groups WHERE id = ?1"
    static let user = "SELECT id FROM coupon_schedules WHERE notification_group_id = ?1 LIMIT 1"

    static let states = """
        SELECT channel, target, status, reason, at FROM delivery_states WHERE group_id = ?1 ORDER BY channel, target
        """
    /// Writes nothing if the group was deleted.
    static let setState = """
        INSERT INTO delivery_states (group_id, channel, target, status, reason, at)
        SELECT id, ?2, ?3, ?4, ?5, CAST(?6 AS BIGINT) FROM notification_groups WHERE id = ?1
        ON CONFLICT (group_id, channel, target)
        DO UPDATE SET status = excluded.status, reason = excluded.reason, at = excluded.at
        """
    static let deleteState = "DELETE FROM delivery_states WHERE group_id = ?1 AND channel = ?2 AND target = ?3"
}

/// Statements on `deliveries`, the outbox. Every row is pending: finished deliveries are deleted.
enum DeliverySQL {
    private static let columns = """
        id, notice_id, group_id, schedule_id, schedule_name, instance_id, coupons, expires_at, time_zone, created_at, \
        channel, target, attempts, due_at
        """

    static let insert = """
        INSERT INTO deliveries (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
        """
    /// A page of the due deliveries, after the row of ?2 and ?3.
    static let due = """
        SELECT \(columns), (SELECT workspace FROM notification_groups g WHERE g.id = deliveries.group_id)
        FROM deliveries WHERE due_at <= ?1 AND (due_at, id) > (?2, ?3) ORDER BY due_at, id LIMIT ?4
        """
    /// Claims the row unless it was claimed since it was read.
    static let claim = "UPDATE deliveries SET attempts = attempts + 1, due_at = ?3 WHERE id = ?1 AND attempts = ?2"
    static let postpone = "UPDATE deliveries SET due_at = ?3 WHERE id = ?1 AND attempts = ?2"
    static let delete = "DELETE FROM deliveries WHERE id = ?1"
    static let deleteOfTarget = "DELETE FROM deliveries WHERE group_id = ?1 AND channel = ?2 AND target = ?3"
}
