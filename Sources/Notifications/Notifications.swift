// Notifications sends the deliveries in the outbox as e-mails or signed webhook calls. It uses Captive and HTTPClient;
// it must not know databases, the control API or pages.
//
// Reading order: NotificationSender, RetryBackoff, NotificationChannel, CouponLink, Mail/MailChannel, NotificationMail
// and MIMEMessage, Webhooks/WebhookChannel, WebhookCall and WebhookSignature.

package import Captive
package import Foundation

/// Sends notifications to one kind of target.
package protocol NotificationChannel: Sendable {
    /// Returns when the target has accepted the notification.
    func deliver(_ delivery: NotificationDelivery, _ context: NotificationContext) async throws(DeliveryFailure)
}

/// Data for a notification's text, as of the time of sending.
package struct NotificationContext: Sendable {
    package let group: NotificationGroup
    package let instanceName: String
    package let now: Date

    package init(group: NotificationGroup, instanceName: String, now: Date) {
        self.group = group
        self.instanceName = instanceName
        self.now = now
    }
}

/// The reason why a target did not accept a notification: a sentence for admins, without secrets.
package struct DeliveryFailure: Error, Sendable, Equatable {
    package let reason: String
    /// Whether the delivery must not be retried.
    package let isFinal: Bool

    package init(_ reason: String, isFinal: Bool = false) {
        self.reason = reason
        self.isFinal = isFinal
    }
}
