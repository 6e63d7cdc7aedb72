package import Foundation
import NetworkAddress

/// Creates and opens sealed messages with an expiry, as text for URLs: base64url without padding (RFC 4648 section 5).
package struct SealedToken: Sendable {
    private let sealer: Sealer
    private let purpose: String
    /// Longer tokens are refused unread.
    package static let maximumLength = 6_144

    package init(sealer: Sealer, purpose: String) {
        self.sealer = sealer
        self.purpose = purpose
    }

    /// Why a token is refused.
    package enum Failure: Error, Equatable {
        /// The token is damaged, or was created by another portal or for another purpose.
        case malformed
        case expired
    }

    /// Creates a token. Tokens of the same message differ.
    package func make(_ message: [UInt8], expires: Date) -> String {
        var writer = MessageWriter()
        writer.write(UInt64(saturating: max(0, expires.timeIntervalSince1970)))
        return Base64URL.encode(sealer.seal(writer.bytes + message, for: purpose))
    }

    /// Returns the message of a token. Throws `.malformed` or `.expired`.
    package func open(_ text: String, now: Date) throws(Failure) -> [UInt8] {
        guard text.utf8.count <= Self.maximumLength, let sealed = Base64URL.decode(text),
            let message = sealer.open(sealed, for: purpose)
        else { throw .malformed }
        var reader = MessageReader(message)
        guard let expiry = reader.readUInt64() else { throw .malformed }
        guard now.timeIntervalSince1970 < Double(expiry) else { throw .expired }
        return Array(message[8...])
    }
}

/// Base64url without padding (RFC 4648 section 5).
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        return values
    }()

    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count * 4 + 2) / 3)
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(buffer >> bits & 63)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << (6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Returns nil for a character outside the alphabet, an invalid length, or bits set beyond the last byte.
    package static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count * 3 / 4)
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        for character in text.utf8 {
            let value = values[Int(character)]
            guard value < 64 else { return nil }
            buffer = buffer << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> bits))
            }
        }
        guard bits < 6, buffer & (1 << bits - 1) == 0 else { return nil }
        return bytes
    }
}
