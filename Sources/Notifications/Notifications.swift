// Notifications takes what the outbox holds to whom it is for: as an e-mail, or as a signed call of a webhook. It knows
// the rules of Captive and sends through HTTPClient; it must not know databases, the control API or pages.
//
// Reading order: NotificationSender, RetryBackoff, NotificationChannel, CouponLink, Mail/MailChannel, NotificationMail and MIMEMessage,
// Webhooks/WebhookChannel, WebhookCall and WebhookSignature.

package import Captive
package import Foundation

/// How one kind of target is told.
package protocol NotificationChannel: Sendable {
    /// Returns when the target has taken the notification. Throws `DeliveryFailure`, and nothing else.
    func deliver(_ delivery: NotificationDelivery, _ context: NotificationContext) async throws(DeliveryFailure)
}

/// What a notification is told with beside its own facts: as they are now.
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

/// Why a target did not take a notification. The reason is a sentence for an admin, without secrets.
package struct DeliveryFailure: Error, Sendable, Equatable {
    package let reason: String
    /// Whether trying again is pointless.
    package let isFinal: Bool

    package init(_ reason: String, isFinal: Bool = false) {
        self.reason = reason
        self.isFinal = isFinal
    }
}
