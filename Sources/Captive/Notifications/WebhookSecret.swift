import Crypto
import Foundation

extension Secret {
    /// A new random key for a webhook's signatures: 256 bits in hex, with the prefix `whsec_`.
    package static func webhookKey() -> Secret {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        return Secret("whsec_" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
}
