/// Decodes chunked content (RFC 9112 section 7.1) strictly: CRLF line ends, no blanks in a size line.
///
/// Extensions and trailers are validated, counted against limits and discarded.
struct ChunkedDecoder {
    private enum State {
        case size, extensions, sizeEnd, data, dataCR, dataLF, lineStart, name, value, valueEnd, finalLF, done
    }

    private var state = State.size
    private var remaining = 0
    private var digits = 0
    private var overhead = 0
    private var trailers = 0

    /// Maximum number of extension bytes in a size line.
    private static let longestExtension = 256

    var isDone: Bool { state == .done }

    /// Decodes `bytes` into `content` until the end of the bytes or of the content, and returns the number of consumed
    /// bytes. Throws 400, 413 if `content` would exceed `limit`, 431 for too many trailers.
    mutating func decode(
        _ bytes: UnsafeRawBufferPointer, into content: inout [UInt8], limit: Int, limits: Server.Limits
    ) throws(RequestError) -> Int {
        var index = 0
        while index < bytes.count, state != .done {
            if state == .data {
                let count = min(remaining, bytes.count - index)
                content.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[index..<index + count]))
                index += count
                remaining -= count
                if remaining == 0 { state = .dataCR }
            } else {
                try take(bytes[index], limit - content.count, limits)
                index += 1
            }
        }
        return index
    }

    private mutating func take(_ byte: UInt8, _ room: Int, _ limits: Server.Limits) throws(RequestError) {
        switch state {
        case .size: try takeSize(byte, room)
        case .extensions: try takeExtension(byte)
        case .sizeEnd: try expect(byte, .lf, then: remaining == 0 ? .lineStart : .data)
        case .dataCR: try expect(byte, .cr, then: .dataLF)
        case .dataLF:
            try expect(byte, .lf, then: .size)
            digits = 0
        case .lineStart, .name, .value, .valueEnd: try takeTrailer(byte, limits)
        case .finalLF: try expect(byte, .lf, then: .done)
        case .data, .done: break
        }
    }

    private mutating func takeSize(_ byte: UInt8, _ room: Int) throws(RequestError) {
        if let digit = byte.hexValue {
            // Any 15 hexadecimal digits fit an Int.
            guard digits < 15 else { throw .malformed }
            remaining = remaining << 4 | Int(digit)
            digits += 1
            return
        }
        guard digits > 0 else { throw .malformed }
        guard remaining <= room else { throw RequestError(.contentTooLarge) }
        overhead = 0
        switch byte {
        case .cr: state = .sizeEnd
        case UInt8(ascii: ";"): state = .extensions
        default: throw .malformed
        }
    }

    private mutating func takeExtension(_ byte: UInt8) throws(RequestError) {
        overhead += 1
        if byte == .cr {
            state = .sizeEnd
        } else if !byte.isFieldValue || overhead > ChunkedDecoder.longestExtension {
            throw .malformed
        }
    }

    private mutating func takeTrailer(_ byte: UInt8, _ limits: Server.Limits) throws(RequestError) {
        overhead += 1
        guard overhead <= limits.headerBytes else { throw RequestError(.headerFieldsTooLarge) }
        switch (state, byte) {
        case (.lineStart, .cr): state = .finalLF
        case (.lineStart, _) where byte.isToken:
            trailers += 1
            guard trailers <= limits.headerFields else { throw RequestError(.headerFieldsTooLarge) }
            state = .name
        case (.name, UInt8(ascii: ":")): state = .value
        case (.name, _) where byte.isToken: break
        case (.value, .cr): state = .valueEnd
        case (.value, _) where byte.isFieldValue: break
        case (.valueEnd, .lf): state = .lineStart
        default: throw .malformed
        }
    }

    private mutating func expect(_ byte: UInt8, _ expected: UInt8, then next: State) throws(RequestError) {
        guard byte == expected else { throw .malformed }
        state = next
    }
}
