import Captive
import Foundation

/// The body of a webhook call.
struct WebhookCall: Encodable {
    let event = "coupons.generated"
    let scheduleID: String
    let instanceID: String
    let count: Int
    let expiresAt: String
    let signedURL: String

    init(_ notification: CouponNotification, signedURL: String) {
        scheduleID = notification.scheduleID.text
        instanceID = notification.instanceID.text
        count = notification.count
        expiresAt = notification.expiresAt.formatted(.iso8601)
        self.signedURL = signedURL
    }

    enum CodingKeys: String, CodingKey {
        case event, count
        case scheduleID = "schedule_id"
        case instanceID = "instance_id"
        case expiresAt = "expires_at"
        case signedURL = "signed_url"
    }

    /// The body as JSON.
    func body() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
