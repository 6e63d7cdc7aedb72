package import Crypto

/// Seals bytes for a purpose with AES-256-GCM (NIST SP 800-38D), so that the portal can hand them to anybody and trust
/// them when they come back. The first key seals, every key opens: that is how keys are rotated.
///
/// Sealed form: version (1 byte), key id (4), nonce (12), ciphertext, tag (16). The purpose is associated data, so what
/// was sealed for one purpose opens for no other. Nonces are random: rotate a key before it has sealed 2³² messages.
package struct Sealer: Sendable {
    private let keys: [(id: KeyID, key: SymmetricKey)]
    private static let version: UInt8 = 1
    private static let overhead = 1 + 4 + 12 + 16

    /// Nil if `keys` is empty or a key has not 32 bytes.
    package init?(keys: [[UInt8]]) {
        guard !keys.isEmpty, keys.allSatisfy({ $0.count == 32 }) else { return nil }
        self.keys = keys.map { (KeyID(of: $0), SymmetricKey(data: $0)) }
    }

    /// The ids of the keys, in their order: the first seals.
    package var keyIDs: [KeyID] { keys.map(\.id) }

    /// Encrypts and authenticates with the first key; only the same purpose opens it.
    package func seal(_ plaintext: [UInt8], for purpose: String) -> [UInt8] {
        let (id, key) = keys[0]
        guard let box = try? AES.GCM.seal(plaintext, using: key, authenticating: Array(purpose.utf8)) else {
            // Safe because sealing fails only for a nonce or key of a wrong size, which the types rule out.
            preconditionFailure("AES-GCM refused a key of 32 bytes")
        }
        var sealed: [UInt8] = [Self.version]
        sealed.reserveCapacity(plaintext.count + Self.overhead)
        sealed += id.bytes
        sealed += Array(box.nonce)
        sealed += box.ciphertext
        sealed += box.tag
        return sealed
    }

    /// Nil for what was changed, sealed for another purpose or with a key that is gone.
    package func open(_ sealed: [UInt8], for purpose: String) -> [UInt8]? {
        guard sealed.count >= Self.overhead, sealed[0] == Self.version,
            let key = keys.first(where: { $0.id.bytes.elementsEqual(sealed[1..<5]) })?.key,
            let box = try? AES.GCM.SealedBox(combined: sealed[5...]),
            let plaintext = try? AES.GCM.open(box, using: key, authenticating: Array(purpose.utf8))
        else { return nil }
        return Array(plaintext)
    }

    /// 32 bytes that depend on the first key and `purpose` only (HKDF-SHA256, RFC 5869), for other algorithms' keys.
    package func derivedKey(for purpose: String) -> SymmetricKey { Self.derive(keys[0].key, purpose) }

    /// As `derivedKey`, for every key in order: what was signed before a rotation still verifies.
    package func derivedKeys(for purpose: String) -> [SymmetricKey] { keys.map { Self.derive($0.key, purpose) } }

    private static func derive(_ key: SymmetricKey, _ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array(purpose.utf8), outputByteCount: 32)
    }
}

extension Sealer {
    /// Names a key and tells nothing of it: the first four bytes of its SHA-256, printed as eight hex digits. Every
    /// sealed form holds the id of the key that opens it.
    package struct KeyID: Hashable, Sendable, CustomStringConvertible {
        /// Bytes that the sealed form has up to the end of its key id.
        package static let prefixLength = 5
        let bytes: [UInt8]

        init(of key: [UInt8]) { bytes = Array(SHA256.hash(data: key).prefix(4)) }

        /// Reads the beginning of a sealed form; nil if it is no sealed form of this version.
        package init?(prefix: [UInt8]) {
            guard prefix.count >= Self.prefixLength, prefix[0] == Sealer.version else { return nil }
            bytes = Array(prefix[1..<Self.prefixLength])
        }

        /// The beginning of every form that the key has sealed.
        package var prefix: [UInt8] { [Sealer.version] + bytes }

        package var description: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
    }
}
