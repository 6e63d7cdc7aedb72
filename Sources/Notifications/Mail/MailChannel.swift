package import Captive
import Foundation
package import HTTPClient

/// Tells people by e-mail. Everyone gets a message of his own, so none sees another's address and one that is refused
/// stops no other.
package struct MailChannel: NotificationChannel {
    private let client: MailClient
    private let sender: Mailbox
    private let link: CouponLink

    package init(client: MailClient, sender: Mailbox, link: CouponLink) {
        self.client = client
        self.sender = sender
        self.link = link
    }

    package func deliver(_ delivery: NotificationDelivery, _ context: NotificationContext) async throws(DeliveryFailure) {
        guard case .email(let address) = delivery.target else { return }
        let words = NotificationMail(
            notification: delivery.notification, context: context, link: link.make(delivery.notification.scheduleID, now: context.now))
        let message = MIMEMessage(
            from: sender, to: address, subject: words.subject, date: context.now, id: delivery.id, text: words.text,
            html: words.html)
        do {
            try await client.send(
                MailMessage(
                    sender: sender.address.description, recipient: address.description, content: message.content))
        } catch {
            if case .rejected = error { throw DeliveryFailure(error.description, isFinal: true) }
            throw DeliveryFailure(error.description)
        }
    }
}
