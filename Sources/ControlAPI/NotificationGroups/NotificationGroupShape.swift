import Captive
import Foundation

extension NotificationGroup: Pageable {
    var key: UUID { id.uuid }
}

/// Does not contain the webhook's secret.
extension NotificationGroup: Shaped {
    static var shape: Shape<NotificationGroup> {
        Shape(
            "NotificationGroup",
            [
                .init("id", "The group's ID.") { $0.id }, .init("name", "The name, shown to admins only.") { $0.name },
                .init("emails", "E-mail recipients. Each gets a separate message.") { $0.emails },
                .init("webhook_url", "The URL that receives a signed POST; null if none.") {
                    $0.webhook?.url
                },
                .init("last_deliveries", "The result of the latest delivery to each target.") { $0.deliveries },
                .init("created_at", "When the group was created.") { $0.createdAt },
            ])
    }

    private var deliveries: [DeliveryRepresentation] {
        lastDeliveries.map { DeliveryRepresentation(state: $0, webhook: webhook?.url) }
    }
}

/// A group that was just created or updated. The only response that contains a webhook secret, if the portal generated
/// it.
struct WrittenGroup: Sendable {
    let group: NotificationGroup
    /// Nil if the webhook keeps its secret, or there is no webhook.
    let newKey: Secret?

    init(_ group: NotificationGroup, newKey: Secret) {
        self.group = group
        self.newKey = group.webhook?.secret == newKey ? newKey : nil
    }

    static var shape: Shape<WrittenGroup> {
        let description =
            "The key that signs webhook requests if this request generated it, otherwise null. Returned only once."
        let fields = NotificationGroup.shape.fields.map { field in
            Shape<WrittenGroup>.Field(field, of: \.group)
        }
        return Shape(
            "WrittenNotificationGroup", fields + [.init("webhook_secret", description) { $0.newKey?.revealed }])
    }
}

/// The state of a delivery, with its target as text.
private struct DeliveryRepresentation: Shaped {
    let state: DeliveryState
    let webhook: WebhookURL?

    static let shape = Shape<DeliveryRepresentation>(
        "NotificationDelivery",
        [
            .init("channel", "How the notification is sent.") { $0.channel },
            .init("to", "The e-mail address or the webhook URL; null if the webhook was removed.") { $0.to },
            .init("status", "`retrying`: failed, will be retried; `failed`: no more retries.") { $0.state.status },
            .init("reason", "Why the delivery failed, or null.") { $0.state.reason },
            .init("at", "Time of the last attempt.") { $0.state.at },
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
