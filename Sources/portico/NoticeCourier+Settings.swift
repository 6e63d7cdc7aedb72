import GuestPortal
import HTTPClient
import Notifications

extension NoticeCourier {
    /// Delivers what is in the outbox of `books`, as the operator's settings say.
    convenience init(_ settings: Configuration, _ publicURL: PublicURL, _ books: Books) {
        let link = CouponLink(publicURL: publicURL.description, sealer: books.sealer)
        self.init(
            outbox: books.store, instances: books.store,
            mail: settings.mail.map {
                MailChannel(client: MailClient($0.server, name: publicURL.host), sender: $0.sender, link: link)
            },
            webhooks: WebhookChannel(client: HTTPClient(), link: link, allowsPrivate: settings.allowsPrivateWebhooks),
            logger: settings.logger("notices"))
    }
}
