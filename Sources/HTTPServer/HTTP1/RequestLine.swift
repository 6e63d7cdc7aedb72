/// `method SP request-target SP HTTP-version CRLF` (RFC 9112 section 3), with exactly these spaces.
struct RequestLine {
    private(set) var method: Method = .get
    private(set) var target = ByteRange(0, 0)
    private(set) var isHTTP11 = true

    /// Longer than any registered method. A longer one is 501 (RFC 9112 section 3).
    private static let longestMethod = 32

    /// Parses the line at the start of `bytes` and returns the index of the next line.
    mutating func parse(_ bytes: [UInt8]) throws(RequestError) -> Int {
        let methodEnd = bytes.firstIndex { !$0.isToken } ?? 0
        guard methodEnd > 0, bytes[methodEnd] == UInt8(ascii: " ") else { throw .malformed }
        guard methodEnd <= RequestLine.longestMethod else { throw RequestError(.notImplemented) }
        // Safe because a token is ASCII.
        method = Method(rawValue: String(decoding: bytes[..<methodEnd], as: UTF8.self))
        let start = methodEnd + 1
        let end = bytes[start...].firstIndex { !$0.isTarget } ?? start
        guard end > start, bytes[end] == UInt8(ascii: " ") else { throw .malformed }
        target = ByteRange(start, end)
        try parseVersion(bytes, at: end + 1)
        return end + 11
    }

    private mutating func parseVersion(_ bytes: [UInt8], at start: Int) throws(RequestError) {
        guard start + 10 <= bytes.count, bytes[start..<start + 5].elementsEqual("HTTP/".utf8),
            bytes[start + 5].isDigit, bytes[start + 6] == UInt8(ascii: "."), bytes[start + 7].isDigit,
            bytes[start + 8] == .cr, bytes[start + 9] == .lf
        else { throw .malformed }
        guard bytes[start + 5] == UInt8(ascii: "1") else { throw RequestError(.versionNotSupported) }
        // A higher minor version is handled as 1.1 (RFC 9110 section 2.5).
        isHTTP11 = bytes[start + 7] != UInt8(ascii: "0")
    }
}
