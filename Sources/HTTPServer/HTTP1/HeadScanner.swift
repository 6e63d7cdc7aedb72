import Glibc

/// Finds the end of a head in bytes that arrive in pieces; scans each byte once.
///
/// Lines end with CRLF. A bare LF is refused, although RFC 9112 section 2.2 allows it, because request smuggling uses
/// it.
struct HeadScanner {
    private var scanned = 0
    private var lineStart = 0
    private var headerStart = 0
    private var lines = 0

    /// The length of the head at the start of `bytes`; nil if its end has not arrived.
    ///
    /// `bytes` must begin with the bytes of the previous call. Throws 400, 414 or 431.
    mutating func headLength(in bytes: UnsafeRawBufferPointer, limits: Server.Limits) throws(RequestError) -> Int? {
        while let newline = nextNewline(in: bytes) {
            guard newline > lineStart, bytes[newline - 1] == .cr else { throw .malformed }
            let isEmpty = newline - 1 == lineStart
            scanned = newline + 1
            try checkLimits(until: scanned, limits)
            if isEmpty { return lines > 0 ? scanned : try refuse() }
            if lines == 0 {
                // Refuse another protocol's greeting line at once: its client would wait for a response.
                guard newline >= 9, bytes[(newline - 9)..<(newline - 4)].elementsEqual("HTTP/".utf8) else {
                    throw .malformed
                }
                headerStart = scanned
            }
            lines += 1
            lineStart = scanned
        }
        scanned = bytes.count
        try checkLimits(until: scanned, limits)
        return nil
    }

    private func refuse() throws(RequestError) -> Int { throw .malformed }

    private func checkLimits(until end: Int, _ limits: Server.Limits) throws(RequestError) {
        guard lines > 0 else {
            if end > limits.requestLine + 2 { throw RequestError(.uriTooLong) }
            return
        }
        if end - headerStart > limits.headerBytes + 2 || lines > limits.headerFields + 1 {
            throw RequestError(.headerFieldsTooLarge)
        }
    }

    private func nextNewline(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard scanned < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + scanned, Int32(UInt8.lf), bytes.count - scanned)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }
}
