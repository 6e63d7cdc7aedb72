/// The encoding of RouterOS's API ("API" in the RouterOS manual): a word is its length, in one to five bytes, and its
/// bytes; a sentence is a sequence of words that ends with an empty one.
package enum APIWire {
    /// The received bytes are not a valid sentence, or exceed a limit.
    package enum Failure: Error, Equatable {
        /// A first byte of 0xF8 or more, which is reserved for control bytes.
        case reserved(UInt8)
        case wordTooLong(Int)
        case sentenceTooLong
    }

    /// Encodes one sentence.
    package static func encode(_ words: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for word in words where !word.isEmpty {
            appendLength(word.utf8.count, to: &bytes)
            bytes.append(contentsOf: word.utf8)
        }
        bytes.append(0)
        return bytes
    }

    /// Encodes a length below 2^32. The number of leading ones in the first byte is the number of bytes that follow it.
    package static func appendLength(_ count: Int, to bytes: inout [UInt8]) {
        let value = UInt32(truncatingIfNeeded: count)
        switch value {
        case ..<0x80: append(value, 1, to: &bytes)
        case ..<0x4000: append(value | 0x8000, 2, to: &bytes)
        case ..<0x20_0000: append(value | 0xC0_0000, 3, to: &bytes)
        case ..<0x1000_0000: append(value | 0xE000_0000, 4, to: &bytes)
        default:
            bytes.append(0xF0)
            append(value, 4, to: &bytes)
        }
    }

    /// Decodes the length at the start of `bytes`, and returns it with its own size. Returns nil if bytes are missing.
    static func length(in bytes: ArraySlice<UInt8>) throws(Failure) -> (value: Int, size: Int)? {
        guard let first = bytes.first else { return nil }
        guard first < 0xF8 else { throw .reserved(first) }
        let size = min((~first).leadingZeroBitCount, 4) + 1
        guard bytes.count >= size else { return nil }
        // The bits of the first byte after its leading ones and the zero that follows them.
        let head = size == 5 ? 0 : Int(first) & (0xFF >> size)
        return (bytes.dropFirst().prefix(size - 1).reduce(head) { $0 << 8 | Int($1) }, size)
    }

    private static func append(_ value: UInt32, _ size: Int, to bytes: inout [UInt8]) {
        for index in (0..<size).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * UInt32(index)))) }
    }
}
