import Captive
import Foundation
import HTTPServer
import Storage

/// `/notification-groups`.
struct NotificationGroupResource {
    let store: Store
    /// Whether webhooks may have private addresses and use plain HTTP.
    let allowsPrivate: Bool
    let clock: WallClock

    var section: Section {
        let (path, item) = ("/notification-groups", "/notification-groups/{notificationGroupId}")
        return Section(
            "Notification groups",
            "Recipients that are notified when a schedule has created coupons, by e-mail or by a signed webhook.",
            [
                .list(
                    path, legacy: [], "listNotificationGroups", "List notification groups",
                    NotificationGroup.shape
                ) { try await store.notificationGroups(in: $0.workspace, page: $1) },
                .post(
                    path, legacy: [], "createNotificationGroup", "Create a notification group",
                    NotificationGroupSettings.input(isNew: true, allowsPrivate: allowsPrivate),
                    .one(WrittenGroup.shape), create),
                .get(
                    item, legacy: [], "readNotificationGroup", "Get a notification group",
                    .one(NotificationGroup.shape), read),
                .put(
                    item, legacy: [], "updateNotificationGroup",
                    "Update a notification group; omitted fields keep their values",
                    NotificationGroupSettings.input(isNew: false, allowsPrivate: allowsPrivate),
                    .one(WrittenGroup.shape), update),
                .delete(
                    item, legacy: [], "deleteNotificationGroup",
                    "Delete a notification group that no coupon schedule uses", errors: [.conflict], delete),
            ])
    }

    @Sendable private func create(_ call: Call, _ settings: NotificationGroupSettings) async throws -> WrittenGroup {
        var group = NotificationGroup(
            workspace: call.workspace, name: "", emails: [], webhook: nil, createdAt: clock())
        let newKey = Secret.webhookKey()
        settings.apply(to: &group, newKey: newKey)
        try await store.create(group)
        return WrittenGroup(group, newKey: newKey)
    }

    @Sendable private func read(_ call: Call) async throws -> NotificationGroup {
        guard let group = try await store.notificationGroup(call.notificationGroupID(), in: call.workspace) else {
            throw APIError.notFound("notification group")
        }
        return group
    }

    @Sendable private func update(_ call: Call, _ settings: NotificationGroupSettings) async throws -> WrittenGroup {
        let newKey = Secret.webhookKey()
        let group = try await store.updateNotificationGroup(call.notificationGroupID(), in: call.workspace) {
            settings.apply(to: &$0, newKey: newKey)
        }
        return WrittenGroup(group, newKey: newKey)
    }

    @Sendable private func delete(_ call: Call) async throws {
        guard try await store.deleteNotificationGroup(call.notificationGroupID(), in: call.workspace) else {
            throw APIError.notFound("notification group")
        }
    }
}

extension Call {
    fileprivate func notificationGroupID() throws -> NotificationGroup.ID {
        guard let id = request.pathParameters["notificationGroupId"].flatMap({ NotificationGroup.ID($0) }) else {
            throw APIError.notFound("notification group")
        }
        return id
    }
}
