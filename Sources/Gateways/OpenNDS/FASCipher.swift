internal import Captive
internal import Crypto
internal import CryptoExtras
internal import Foundation

/// What openNDS does with the key that it shares with its forwarding authentication service.
struct FASCipher: Sendable {
    private let key: String

    /// Without a readable key nothing opens: a random one takes its place.
    init(key: Secret) { self.key = key.revealed ?? UUID().uuidString }

    /// What openNDS sends at the levels 2 and 3: base64 of AES-256-CBC under the key, which zeros fill up, with the
    /// sixteen characters of `iv` as they are (PHP manual, openssl_encrypt). Nil if the key is another.
    func open(_ bytes: Data, iv: String) -> Data? {
        guard let sealed = Data(base64Encoded: bytes), let iv = try? AES._CBC.IV(ivBytes: iv.utf8) else { return nil }
        let padded = Array(key.utf8.prefix(32)) + Array(repeating: 0, count: max(0, 32 - key.utf8.count))
        return try? AES._CBC.decrypt(sealed, using: SymmetricKey(data: padded), iv: iv)
    }

    /// The word at which openNDS lets the guest through who has `hid`: the digest of both (openNDS manual, "Security").
    func pass(for hid: String) -> String {
        SHA256.hash(data: Data((hid + key).utf8)).map { String(format: "%02x", $0) }.joined()
    }
}
