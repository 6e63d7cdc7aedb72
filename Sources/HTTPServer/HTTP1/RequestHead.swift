internal import NetworkAddress

/// Request line and fields of one message, validated by RFC 9112. Strings are created on demand.
struct RequestHead: Sendable {
    private let bytes: [UInt8]
    let method: Method
    let path: String
    let authority: String
    let isHTTP11: Bool
    let headers: Headers
    let framing: BodyFraming
    /// False if the client sent `close`, or uses HTTP/1.0 without `keep-alive`.
    let keepsAlive: Bool
    /// Whether the client waits for `100 (Continue)` before it sends content.
    let expectsContinue: Bool
    /// Whether there is a forwarding field, which only a proxy should set.
    let hasForwardingFields: Bool
    private let target: RequestTarget

    /// Parses a complete head, including the empty line. Throws 400, 417, 501 or 505.
    init(_ bytes: [UInt8]) throws(RequestError) {
        var line = RequestLine()
        let fieldsStart = try line.parse(bytes)
        var fields = FieldSection()
        try fields.parse(bytes, from: fieldsStart)
        self.bytes = bytes
        target = try RequestTarget(bytes, line.target, method: line.method)
        method = line.method
        path = target.path
        isHTTP11 = line.isHTTP11
        authority = try Authority.choose(bytes, target: target.authority, fields: fields, isHTTP11: line.isHTTP11)
        framing = try BodyFraming(bytes, fields, isHTTP11: line.isHTTP11)
        keepsAlive = fields.keepsAlive(bytes, isHTTP11: line.isHTTP11)
        expectsContinue = try fields.expectsContinue(bytes) && line.isHTTP11
        hasForwardingFields = fields.hasForwardingFields
        headers = Headers(bytes: bytes, slices: fields.slices)
    }

    private init() {
        bytes = []
        (method, path, authority, isHTTP11) = (.get, "/", "", true)
        (headers, framing, target) = ([:], .none, .root)
        (keepsAlive, expectsContinue, hasForwardingFields) = (false, false, false)
    }

    static let empty = RequestHead()

    var rawTarget: String {
        let text = String(streamSafe: bytes[target.origin.indices])
        return text.hasPrefix("/") || text == "*" ? text : "/" + text
    }

    var queryBytes: ArraySlice<UInt8> { bytes[target.query.indices] }
}
