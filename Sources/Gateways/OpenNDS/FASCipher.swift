internal import Captive
internal import Crypto
internal import CryptoExtras
internal import Foundation

/// The cryptography of openNDS's forwarding authentication service, with the shared `faskey`.
struct FASCipher: Sendable {
    private let key: String

    /// An unreadable key is replaced by a random one, with which nothing can be decrypted.
    init(key: Secret) { self.key = key.revealed ?? UUID().uuidString }

    /// Decrypts what openNDS sends at levels 2 and 3: base64 of AES-256-CBC with the key, padded with zeros, and the
    /// sixteen characters of `iv` (PHP manual, openssl_encrypt). Returns nil if the key is wrong.
    func open(_ bytes: Data, iv: String) -> Data? {
        guard let sealed = Data(base64Encoded: bytes), let iv = try? AES._CBC.IV(ivBytes: iv.utf8) else { return nil }
        let padded = Array(key.utf8.prefix(32)) + Array(repeating: 0, count: max(0, 32 - key.utf8.count))
        return try? AES._CBC.decrypt(sealed, using: SymmetricKey(data: padded), iv: iv)
    }

    /// The token with which openNDS authorizes the guest with `hid`: the digest of `hid` and the key (openNDS manual,
    /// "Security").
    func token(for hid: String) -> String {
        SHA256.hash(data: Data((hid + key).utf8)).map { String(format: "%02x", $0) }.joined()
    }
}
