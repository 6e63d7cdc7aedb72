package import Foundation

/// The recipients of notifications about a schedule's coupons: e-mail addresses and a webhook.
package struct NotificationGroup: Sendable, Equatable, Identifiable {
    package let id: ID
    package let workspace: Workspace
    /// 1 to 100 characters, one line.
    package var name: String
    /// At most 50, without duplicates.
    package var emails: [EmailAddress]
    package var webhook: Webhook?
    package let createdAt: Date
    /// The state of the latest delivery to each target. Read with the group, never written with it.
    package var lastDeliveries: [DeliveryState] = []

    /// The id of a group: `ng_` and 32 hex digits.
    package struct ID: Hashable, Sendable {
        package let uuid: UUID
        private static let prefix = "ng_"

        package init(_ uuid: UUID = UUID()) { self.uuid = uuid }
    }

    /// A webhook's address and signing secret.
    package struct Webhook: Sendable, Equatable {
        package var url: WebhookURL
        /// Its text is the key of the signatures. Stored sealed; returned once, when it is set.
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
    /// All targets of the group.
    package var targets: Set<NotificationDelivery.Target> {
        Set(emails.map { .email($0) } + (webhook == nil ? [] : [.webhook]))
    }
}

extension NotificationGroup.ID: LosslessStringConvertible {
    /// Nil unless `text` is an id. The digits are case-insensitive.
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
