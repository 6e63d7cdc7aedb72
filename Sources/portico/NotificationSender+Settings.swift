import Captive
import HTTPClient
import Notifications

extension NotificationSender {
    /// A sender for the outbox of `services`, with the channels of the settings.
    convenience init(_ settings: Configuration, _ publicURL: PublicURL, _ services: Services) {
        let link = CouponLink(publicURL: publicURL.description, sealer: services.sealer)
        self.init(
            store: services.store,
            mail: settings.mail.map {
                MailChannel(client: MailClient($0.server, name: publicURL.host), sender: $0.sender, link: link)
            },
            webhooks: WebhookChannel(client: HTTPClient(), link: link, allowsPrivate: settings.allowsPrivateWebhooks),
            logger: settings.logger("notices"))
    }
}
