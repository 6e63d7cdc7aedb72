package import Captive
import Foundation
package import HTTPClient
import NetworkAddress

/// Sends notifications to a webhook by `POST`. The response's body is discarded and redirects are not followed. Only
/// public addresses are connected to, unless the operator allows private ones; the resolved address decides.
package struct WebhookChannel: NotificationChannel {
    private let client: HTTPClient
    private let link: CouponLink
    private let allowsPrivate: Bool

    /// The header field with the delivery's id, which is the same for every attempt.
    package static let idField = "Portico-Event-ID"
    private static let timeout: Duration = .seconds(10)

    /// `client` must not be shared, because its open connections were checked by these rules.
    package init(client: HTTPClient, link: CouponLink, allowsPrivate: Bool) {
        self.client = client
        self.link = link
        self.allowsPrivate = allowsPrivate
    }

    package func deliver(_ delivery: NotificationDelivery, _ context: NotificationContext) async throws(DeliveryFailure)
    {
        guard let webhook = context.group.webhook else { return }
        guard webhook.url.isSecure || allowsPrivate else {
            throw DeliveryFailure("The webhook's address must be https.")
        }
        guard let key = webhook.secret.revealed else {
            throw DeliveryFailure("The stored webhook secret \(Secret.unreadableAdvice).")
        }
        let call = WebhookCall(
            delivery.notification, signedURL: link.sign(delivery.notification.scheduleID, now: context.now).url)
        guard let body = try? call.body() else { throw DeliveryFailure("The notification cannot be encoded.") }
        let response: HTTPResponse
        do {
            response = try await client.send(request(body, delivery, webhook.url, key, now: context.now))
        } catch {
            throw DeliveryFailure(Self.reason(error, isSecure: webhook.url.isSecure))
        }
        try Self.check(response.status)
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
        // Unencrypted calls must not leave the operator's network.
        request.admits = { isSecure ? allowsPrivate || $0.isPublic : allowsPrivate && !$0.isPublic }
        return request
    }

    private static func check(_ status: Int) throws(DeliveryFailure) {
        switch status {
        case 200..<300: return
        case 300..<400: throw DeliveryFailure("The webhook returned \(status), a redirect, which is not followed.")
        case 410: throw DeliveryFailure("The webhook returned 410 Gone.", isFinal: true)
        default: throw DeliveryFailure("The webhook returned \(status).")
        }
    }

    private static func reason(_ error: HTTPClientError, isSecure: Bool) -> String {
        switch error {
        case .timeout: "The webhook did not respond within 10 seconds."
        case .connect(let detail): "The webhook cannot be reached: \(detail)."
        case .interrupted(let detail), .other(let detail): "The webhook's response is invalid: \(detail)."
        case .tls(let detail): "The TLS connection to the webhook failed: \(detail)."
        case .addressRefused where isSecure:
            "The webhook's address is private or special; set webhooks.allow_private to allow it."
        case .addressRefused: "The webhook's address is public; http is allowed for private addresses only."
        case .tooLarge, .cancelled: "The call was cancelled."
        }
    }
}
