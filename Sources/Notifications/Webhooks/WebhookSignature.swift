import Crypto
package import Foundation
import NetworkAddress

/// The signature of a webhook call: `t=…,v1=…`, the Unix time in seconds and the HMAC-SHA256 of `t.body` in hex, keyed
/// with the text of the group's secret. Receivers should reject an old `t`.
package enum WebhookSignature {
    /// The header field of the signature.
    package static let field = "Portico-Signature"

    /// Returns the field's value for a call at `now`.
    package static func value(of body: [UInt8], secret: String, now: Date) -> String {
        let time = Int(saturating: now.timeIntervalSince1970)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("\(time).".utf8) + body, using: SymmetricKey(data: Array(secret.utf8)))
        return "t=\(time),v1=" + code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
