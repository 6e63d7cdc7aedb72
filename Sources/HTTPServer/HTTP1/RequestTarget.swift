internal import NetworkAddress

/// A request-target in origin, absolute or asterisk form (RFC 9112 section 3.2). The authority form, which only CONNECT
/// uses, is 501.
struct RequestTarget: Sendable {
    /// Path and query as sent; only the query for an absolute form without a path.
    let origin: ByteRange
    let query: ByteRange
    let authority: ByteRange?
    let path: String

    static let root = RequestTarget(origin: ByteRange(0, 0), query: ByteRange(0, 0), authority: nil, path: "/")

    private init(origin: ByteRange, query: ByteRange, authority: ByteRange?, path: String) {
        (self.origin, self.query, self.authority, self.path) = (origin, query, authority, path)
    }

    init(_ bytes: [UInt8], _ range: ByteRange, method: Method) throws(RequestError) {
        guard method != .connect else { throw RequestError(.notImplemented) }
        var start = Int(range.start)
        var authority: ByteRange?
        if bytes[start] == UInt8(ascii: "*"), range.count == 1, method == .options {
            let end = ByteRange(Int(range.end), Int(range.end))
            self.init(origin: range, query: end, authority: nil, path: "*")
            return
        }
        if bytes[start] != UInt8(ascii: "/") {
            authority = try RequestTarget.authority(bytes, range)
            start = authority.map { Int($0.end) } ?? start
        }
        let end = Int(range.end)
        let question = bytes[start..<end].firstIndex(of: UInt8(ascii: "?")) ?? end
        let path = try RequestTarget.path(bytes[start..<question])
        self.init(
            origin: ByteRange(start, end), query: ByteRange(min(question + 1, end), end), authority: authority,
            path: path)
    }

    private static func path(_ bytes: ArraySlice<UInt8>) throws(RequestError) -> String {
        do throws(RequestError) { return try NormalizedPath.make(bytes) } catch {
            throw RequestError(error.status, path: String(streamSafe: bytes))
        }
    }

    private static func authority(_ bytes: [UInt8], _ range: ByteRange) throws(RequestError) -> ByteRange {
        let start = Int(range.start)
        let schemes: [StaticString] = ["http://", "https://"]
        for scheme in schemes {
            let length = scheme.utf8CodeUnitCount
            guard range.count > length, bytes.matches(scheme, in: ByteRange(start, start + length)) else { continue }
            let rest = bytes[start + length..<Int(range.end)]
            let end = rest.firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") } ?? Int(range.end)
            return ByteRange(start + length, end)
        }
        throw .malformed
    }
}
