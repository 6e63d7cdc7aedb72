package import Crypto

/// Encrypts and authenticates bytes with AES-256-GCM (NIST SP 800-38D), so that the portal can pass them through
/// untrusted clients. The first key seals, every key opens, which permits key rotation.
///
/// Sealed form: version (1 byte), key id (4), nonce (12), ciphertext, tag (16). The purpose is associated data, so a
/// form sealed for one purpose cannot be opened for another. Nonces are random: rotate a key before it has sealed 2³²
/// messages.
package struct Sealer: Sendable {
    private let keys: [(id: KeyID, key: SymmetricKey)]
    private static let version: UInt8 = 1
    private static let overhead = 1 + 4 + 12 + 16

    /// Returns nil if `keys` is empty or a key does not have 32 bytes.
    package init?(keys: [[UInt8]]) {
        guard !keys.isEmpty, keys.allSatisfy({ $0.count == 32 }) else { return nil }
        self.keys = keys.map { (KeyID(of: $0), SymmetricKey(data: $0)) }
    }

    /// The ids of the keys, in order. The first key seals.
    package var keyIDs: [KeyID] { keys.map(\.id) }

    /// Seals with the first key. The result opens only with the same purpose.
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

    /// Returns nil if the form was altered, or sealed for another purpose or with an unknown key.
    package func open(_ sealed: [UInt8], for purpose: String) -> [UInt8]? {
        guard sealed.count >= Self.overhead, sealed[0] == Self.version,
            let key = keys.first(where: { $0.id.bytes.elementsEqual(sealed[1..<5]) })?.key,
            let box = try? AES.GCM.SealedBox(combined: sealed[5...]),
            let plaintext = try? AES.GCM.open(box, using: key, authenticating: Array(purpose.utf8))
        else { return nil }
        return Array(plaintext)
    }

    /// Derives 32 bytes from the first key and `purpose` (HKDF-SHA256, RFC 5869), as a key for another algorithm.
    package func derivedKey(for purpose: String) -> SymmetricKey { Self.derive(keys[0].key, purpose) }

    /// As `derivedKey`, for every key in order, so that signatures from before a rotation still verify.
    package func derivedKeys(for purpose: String) -> [SymmetricKey] { keys.map { Self.derive($0.key, purpose) } }

    private static func derive(_ key: SymmetricKey, _ purpose: String) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: key, info: Array(purpose.utf8), outputByteCount: 32)
    }
}

extension Sealer {
    /// Identifies a key without revealing it: the first four bytes of its SHA-256, printed as eight hex digits. Every
    /// sealed form contains the id of its key.
    package struct KeyID: Hashable, Sendable, CustomStringConvertible {
        /// Length of version and key id, in bytes.
        package static let prefixLength = 5
        let bytes: [UInt8]

        init(of key: [UInt8]) { bytes = Array(SHA256.hash(data: key).prefix(4)) }

        /// Reads the beginning of a sealed form. Returns nil if it is not a sealed form of this version.
        package init?(prefix: [UInt8]) {
            guard prefix.count >= Self.prefixLength, prefix[0] == Sealer.version else { return nil }
            bytes = Array(prefix[1..<Self.prefixLength])
        }

        /// The first bytes of every form that the key has sealed.
        package var prefix: [UInt8] { [Sealer.version] + bytes }

        package var description: String { bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }
    }
}
