package import Foundation

/// Encodes the fields of a sealed message: integers big-endian, texts with a 16-bit length prefix.
package struct MessageWriter {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func write(_ value: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    package mutating func write(_ id: UUID) { withUnsafeBytes(of: id.uuid) { bytes += Array($0) } }

    /// Distinguishes nil from the empty text. Writes a text of more than 65,534 bytes as nil.
    package mutating func write(_ text: String?) {
        guard let utf8 = text?.utf8, utf8.count < 0xFFFF else {
            bytes += [0xFF, 0xFF]
            return
        }
        bytes += [UInt8(utf8.count >> 8), UInt8(utf8.count & 0xFF)]
        bytes += Array(utf8)
    }
}

/// Decodes the output of `MessageWriter` in the same order. Every read returns nil if the message is too short.
package struct MessageReader {
    private let bytes: [UInt8]
    private var position = 0

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next eight bytes, most significant first; nil if there are fewer.
    package mutating func readUInt64() -> UInt64? {
        take(8)?.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The next sixteen bytes; nil if there are fewer.
    package mutating func readUUID() -> UUID? {
        guard let slice = take(16) else { return nil }
        return slice.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    /// The outer optional is nil for a malformed message, the inner one for a nil text.
    package mutating func readText() -> String?? {
        guard let length = take(2).map({ Int($0[$0.startIndex]) << 8 | Int($0[$0.startIndex + 1]) }) else { return nil }
        guard length != 0xFFFF else { return .some(nil) }
        guard let slice = take(length), let text = String(validating: slice, as: UTF8.self) else { return nil }
        return text
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard bytes.count - position >= count else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }
}
