package import Foundation

/// Who is told when a schedule has made coupons: people by e-mail, a program by a webhook.
package struct NotificationGroup: Sendable, Equatable, Identifiable {
    package let id: ID
    package let workspace: Workspace
    /// 1 to 100 characters, one line.
    package var name: String
    /// At most 50, each once.
    package var emails: [EmailAddress]
    package var webhook: Webhook?
    package let createdAt: Date
    /// How the latest notification to each target fared. Read with the group, never written with it.
    package var lastDeliveries: [DeliveryState] = []

    /// An id, written `ng_` and 32 hex digits.
    package struct ID: Hashable, Sendable {
        package let uuid: UUID
        private static let prefix = "ng_"

        package init(_ uuid: UUID = UUID()) { self.uuid = uuid }
    }

    /// Where a notification is posted, and with what it is signed.
    package struct Webhook: Sendable, Equatable {
        package var url: WebhookURL
        /// The text is the key of the signature. Sealed where it is kept, shown once.
        package var secret: Secret

        package init(url: WebhookURL, secret: Secret) {
            self.url = url
            self.secret = secret
        }
    }

    package init(
        id: ID = ID(), workspace: Workspace, name: String, emails: [EmailAddress], webhook: Webhook?, createdAt: Date,
        lastDeliveries: [DeliveryState] = []
    ) {
        self.id = id
        self.workspace = workspace
        self.name = name
        self.emails = emails
        self.webhook = webhook
        self.createdAt = createdAt
        self.lastDeliveries = lastDeliveries
    }
}

extension NotificationGroup {
    /// Everywhere a notification to the group goes.
    package var targets: Set<NotificationDelivery.Target> {
        Set(emails.map { .email($0) } + (webhook == nil ? [] : [.webhook]))
    }
}

extension NotificationGroup.ID: LosslessStringConvertible {
    /// Nil unless `text` is an id; the digits' case does not matter.
    package init?(_ text: String) {
        let digits = Array(text.utf8.dropFirst(Self.prefix.utf8.count))
        guard text.hasPrefix(Self.prefix), digits.count == 32 else { return nil }
        let groups = [digits[..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20...]]
        let uuid = UUID(uuidString: groups.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "-"))
        guard let uuid else { return nil }
        self.init(uuid)
    }

    package var description: String { Self.prefix + uuid.text.filter { $0 != "-" } }
}

/// Keeps notification groups, their secrets sealed.
package protocol NotificationGroupStore: Sendable {
    /// Newest first.
    func notificationGroups(in workspace: Workspace, page: ListPage) async throws -> [NotificationGroup]
    /// Nil if the workspace has none with that id.
    func notificationGroup(_ id: NotificationGroup.ID, in workspace: Workspace) async throws -> NotificationGroup?
    /// Adds one that is not there yet.
    func create(_ group: NotificationGroup) async throws
    /// Reads, lets `change` alter and writes in one transaction. Throws `StoreError.notFound`. What is still to be
    /// delivered to a target that the group no longer has is dropped.
    func updateNotificationGroup(
        _ id: NotificationGroup.ID, in workspace: Workspace,
        _ change: @Sendable @escaping (inout NotificationGroup) throws -> Void
    ) async throws -> NotificationGroup
    /// False if there was none. Throws `StoreError.conflict` while a schedule uses it.
    func deleteNotificationGroup(_ id: NotificationGroup.ID, in workspace: Workspace) async throws -> Bool
}
