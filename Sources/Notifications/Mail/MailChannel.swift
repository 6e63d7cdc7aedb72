package import Captive
import Foundation
package import HTTPClient

/// Sends notifications by e-mail. Each recipient gets a separate message, so recipients do not see each other's
/// addresses, and a rejected address does not affect the others.
package struct MailChannel: NotificationChannel {
    private let client: MailClient
    private let sender: Mailbox
    private let link: CouponLink

    package init(client: MailClient, sender: Mailbox, link: CouponLink) {
        self.client = client
        self.sender = sender
        self.link = link
    }

    package func deliver(_ delivery: NotificationDelivery, _ context: NotificationContext) async throws(DeliveryFailure)
    {
        guard case .email(let address) = delivery.target else { return }
        let mail = NotificationMail(
            notification: delivery.notification, context: context,
            link: link.sign(delivery.notification.scheduleID, now: context.now))
        let message = MIMEMessage(
            from: sender, to: address, subject: mail.subject, date: context.now, id: delivery.id, text: mail.text,
            html: mail.html)
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
