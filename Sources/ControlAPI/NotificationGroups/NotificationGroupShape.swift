import Captive
import Foundation

extension NotificationGroup: Listed {
    var key: UUID { id.uuid }
}

/// The webhook's secret is not among what is printed.
extension NotificationGroup: Shaped {
    static var shape: Shape<NotificationGroup> {
        Shape(
            "NotificationGroup",
            [
                .init("id", "The group's ID.") { $0.id }, .init("name", "A name for admins.") { $0.name },
                .init("emails", "Who gets an e-mail, each a message of his own.") { $0.emails },
                .init("webhook_url", "Where a program is told, by a signed POST; null for nowhere.") {
                    $0.webhook?.url
                },
                .init("last_deliveries", "How the latest notice to each target fared.") { $0.printedDeliveries },
                .init("created_at", "When it was made.") { $0.createdAt },
            ])
    }

    private var printedDeliveries: [PrintedDelivery] {
        lastDeliveries.map { PrintedDelivery(state: $0, webhook: webhook?.url) }
    }
}

/// A group as it was just written: the only answer that tells a secret which the portal made.
struct WrittenGroup: Sendable {
    let group: NotificationGroup
    /// Nil if the webhook has another secret than the new one, or there is none.
    let newKey: Secret?

    init(_ group: NotificationGroup, newKey: Secret) {
        self.group = group
        self.newKey = group.webhook?.secret == newKey ? newKey : nil
    }

    static var shape: Shape<WrittenGroup> {
        let sentence =
            "The key of the webhook's signatures, where the portal has just made it; shown only here, else null."
        let fields = NotificationGroup.shape.fields.map { field in
            Shape<WrittenGroup>.Field(field, of: \.group)
        }
        return Shape("WrittenNotificationGroup", fields + [.init("webhook_secret", sentence) { $0.newKey?.revealed }])
    }
}

/// A delivery's state with its target in words.
private struct PrintedDelivery: Shaped {
    let state: DeliveryState
    let webhook: WebhookURL?

    static let shape = Shape<PrintedDelivery>(
        "NotificationDelivery",
        [
            .init("channel", "How the target is told.") { $0.channel },
            .init("to", "The e-mail address, or the webhook's; null if that is gone.") { $0.to },
            .init("status", "`retrying` failed and is tried again, `failed` was given up.") { $0.state.status },
            .init("reason", "What went wrong; null if nothing.") { $0.state.reason },
            .init("at", "When it was last tried.") { $0.state.at },
        ])

    private enum Channel: String, CaseIterable, JSONRepresentable {
        case email, webhook
    }

    private var channel: Channel { state.target == .webhook ? .webhook : .email }

    private var to: String? {
        switch state.target {
        case .email(let address): address.description
        case .webhook: webhook?.description
        }
    }
}

extension DeliveryState.Status: JSONRepresentable {}

extension NotificationGroup.ID: JSONRepresentable {
    static var schema: Schema {
        ["type": "string", "pattern": "^ng_[0-9A-Fa-f]{32}$", "examples": ["ng_a1b2c3d4e5f60718293a4b5c6d7e8f90"]]
    }
    var json: JSONValue { .string(description) }
}

extension EmailAddress: JSONRepresentable {
    static var schema: Schema {
        let atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
        let label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
        return [
            "type": "string", "maxLength": 254,
            "pattern": .string("^(?=[^@]{1,64}@)\(atom)(\\.\(atom))*@\(label)(\\.\(label))+$"),
            "examples": ["desk@example.org"],
        ]
    }
    var json: JSONValue { .string(description) }
}

extension WebhookURL: JSONRepresentable {
    static var schema: Schema { .uri }
    var json: JSONValue { .string(description) }
}
