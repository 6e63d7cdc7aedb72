import Crypto
package import Foundation
import NetworkAddress

/// Proves to a webhook's receiver that the portal sent a call, when, and with which body: `t=…,v1=…`, Unix seconds and
/// the HMAC-SHA256 of `t.body` in hex, keyed with the text of the group's secret. A receiver refuses an old `t`.
package enum WebhookSignature {
    /// The header field that carries it.
    package static let field = "Portico-Signature"

    /// The field's value for a call that is made now.
    package static func value(of body: [UInt8], secret: String, now: Date) -> String {
        let time = Int(saturating: now.timeIntervalSince1970)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(time).".utf8) + body, using: SymmetricKey(data: Array(secret.utf8)))
        return "t=\(time),v1=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
