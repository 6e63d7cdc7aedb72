package import Captive
import Foundation
package import HTTPClient
import NetworkAddress

/// Tells a program by `POST`. What the receiver answers is not kept, a redirect is not followed, and unless the
/// operator allows it no address but a public one is connected to, whatever its name resolves to.
package struct WebhookChannel: NotificationChannel {
    private let client: HTTPClient
    private let link: CouponLink
    private let allowsPrivate: Bool

    /// The field with the id that stays the same however often a notification is delivered.
    package static let idField = "Portico-Event-ID"
    private static let timeout: Duration = .seconds(10)

    /// `client` is not to be shared: a connection that it keeps was admitted by these rules.
    package init(client: HTTPClient, link: CouponLink, allowsPrivate: Bool) {
        self.client = client
        self.link = link
        self.allowsPrivate = allowsPrivate
    }

    package func deliver(_ delivery: NotificationDelivery, _ context: NotificationContext) async throws(DeliveryFailure) {
        guard let webhook = context.group.webhook else { return }
        guard webhook.url.isSecure || allowsPrivate else {
            throw DeliveryFailure("The webhook's address must be https.")
        }
        guard let key = webhook.secret.revealed else {
            throw DeliveryFailure("The stored webhook secret \(Secret.unreadableAdvice).")
        }
        let call = WebhookCall(
            delivery.notification, signedURL: link.make(delivery.notification.scheduleID, now: context.now).url)
        guard let body = try? call.body() else { throw DeliveryFailure("The notification cannot be written.") }
        let answer: HTTPResponse
        do {
            answer = try await client.send(request(body, delivery, webhook.url, key, now: context.now))
        } catch {
            throw DeliveryFailure(Self.words(error, isSecure: webhook.url.isSecure))
        }
        try Self.judge(answer.status)
    }

    private func request(
        _ body: [UInt8], _ delivery: NotificationDelivery, _ url: WebhookURL, _ key: String, now: Date
    ) -> HTTPRequest {
        var request = HTTPRequest(
            "POST", url.description,
            headers: [
                ("Content-Type", "application/json"), (Self.idField, delivery.id.text),
                (WebhookSignature.field, WebhookSignature.value(of: body, secret: key, now: now)),
            ], body: body, timeout: Self.timeout)
        request.keepsBody = false
        let (isSecure, allowsPrivate) = (url.isSecure, allowsPrivate)
        // What is not encrypted does not leave the operator's own network.
        request.admits = { isSecure ? allowsPrivate || $0.isPublic : allowsPrivate && !$0.isPublic }
        return request
    }

    private static func judge(_ status: Int) throws(DeliveryFailure) {
        switch status {
        case 200..<300: return
        case 300..<400: throw DeliveryFailure("The webhook answered \(status), a redirect, which is not followed.")
        case 410: throw DeliveryFailure("The webhook answered 410: it is gone for good.", isFinal: true)
        default: throw DeliveryFailure("The webhook answered \(status).")
        }
    }

    private static func words(_ error: HTTPClientError, isSecure: Bool) -> String {
        switch error {
        case .timeout: "The webhook did not answer within 10 seconds."
        case .connect(let detail): "The webhook cannot be reached: \(detail)."
        case .interrupted(let detail), .other(let detail): "The webhook's answer is unusable: \(detail)."
        case .tls(let detail): "There is no secure connection to the webhook: \(detail)."
        case .addressRefused where isSecure:
            "The webhook's address is private or special; webhooks.allow_private would permit it."
        case .addressRefused: "The webhook's address is a public one; over http only private ones are called."
        case .tooLarge, .cancelled: "The call was broken off."
        }
    }
}
