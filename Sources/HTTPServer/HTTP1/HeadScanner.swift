import Glibc

/// Finds the end of a head in bytes that arrive piecemeal, looking at each byte once.
///
/// Lines end with CRLF; a bare LF is refused at once (RFC 9112 section 2.2 allows, and attackers like, to differ).
struct HeadScanner {
    private var scanned = 0
    private var lineStart = 0
    private var headerStart = 0
    private var lines = 0

    /// The length of the head that `bytes` begins with, nil while its end is still to come.
    ///
    /// `bytes` must begin where it did at the last call, and hold what it held. Throws 400, 414 or 431.
    mutating func headLength(in bytes: UnsafeRawBufferPointer, limits: Server.Limits) throws(Refusal) -> Int? {
        while let newline = nextNewline(in: bytes) {
            guard newline > lineStart, bytes[newline - 1] == .cr else { throw .malformed }
            let isEmpty = newline - 1 == lineStart
            scanned = newline + 1
            try judge(until: scanned, limits)
            if isEmpty { return lines > 0 ? scanned : try refuse() }
            if lines == 0 {
                // Another protocol's greeting may be a whole line; its speaker then waits for ours.
                guard newline >= 9, bytes[(newline - 9)..<(newline - 4)].elementsEqual("HTTP/".utf8) else {
                    throw .malformed
                }
                headerStart = scanned
            }
            lines += 1
            lineStart = scanned
        }
        scanned = bytes.count
        try judge(until: scanned, limits)
        return nil
    }

    private func refuse() throws(Refusal) -> Int { throw .malformed }

    private func judge(until end: Int, _ limits: Server.Limits) throws(Refusal) {
        guard lines > 0 else {
            if end > limits.requestLine + 2 { throw Refusal(.uriTooLong) }
            return
        }
        if end - headerStart > limits.headerBytes + 2 || lines > limits.headerFields + 1 {
            throw Refusal(.headerFieldsTooLarge)
        }
    }

    private func nextNewline(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard scanned < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + scanned, Int32(UInt8.lf), bytes.count - scanned)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
