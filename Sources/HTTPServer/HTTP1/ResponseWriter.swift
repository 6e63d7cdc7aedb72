/// Serialises responses (RFC 9112 section 4 on).
///
/// The one place where a field is written, so that no value can begin a line of its own: a name that is no token or a
/// value with a control byte makes the whole response a 500 (RFC 9112 section 11.1).
struct ResponseWriter {
    /// What one response needs to know of its request and its connection.
    struct Context {
        let isHead: Bool
        let isHTTP11: Bool
        let keepsAlive: Bool
        /// `Date: …` and, if configured, `Server: …`, each with its CRLF.
        let serverFields: [UInt8]
    }

    /// Bodies up to this many bytes are copied behind their head, larger ones are left to the caller.
    static let largestCopy = 64 << 10

    /// Appends `response` to `buffer`. Returns the body if it is to be sent separately, right after.
    /// Throws, with `buffer` as it was, if a field may not be sent.
    static func write(
        _ response: Response, _ context: Context, to buffer: OutputBuffer
    ) throws(UnsendableResponse) -> [UInt8]? {
        if let prepared = response.prepared {
            guard let head = prepared.head else { throw UnsendableResponse() }
            buffer.append(head)
            finishHead(context, to: buffer)
            return context.isHead ? nil : writeBody(prepared.body, to: buffer)
        }
        let body = response.bodyBytes
        let start = buffer.count
        guard writeFixedPart(of: response, length: body.count, to: buffer) else {
            buffer.truncate(to: start)
            throw UnsendableResponse()
        }
        finishHead(context, to: buffer)
        return context.isHead || !response.status.allowsBody ? nil : writeBody(body, to: buffer)
    }

    private static func writeBody(_ body: [UInt8], to buffer: OutputBuffer) -> [UInt8]? {
        guard body.count <= largestCopy else { return body }
        buffer.append(body)
        return nil
    }

    private static func finishHead(_ context: Context, to buffer: OutputBuffer) {
        buffer.append(context.serverFields)
        switch (context.keepsAlive, context.isHTTP11) {
        case (true, true): buffer.append("\r\n")
        case (true, false): buffer.append("Connection: keep-alive\r\n\r\n")
        case (false, _): buffer.append("Connection: close\r\n\r\n")
        }
    }

    /// Status line, fields and `Content-Length`; false if something in them may not be sent.
    static func writeFixedPart(of response: Response, length: Int, to buffer: OutputBuffer) -> Bool {
        guard response.status.isValid else { return false }
        buffer.append("HTTP/1.1 ")
        buffer.append(decimal: response.status.rawValue)
        buffer.append(" ")
        buffer.append(response.status.reason)
        buffer.append("\r\n")
        for (name, value) in response.headers.fields where !isOwn(name) {
            guard isSafe(name, value) else { return false }
            buffer.append(name)
            buffer.append(": ")
            buffer.append(value)
            buffer.append("\r\n")
        }
        // RFC 9110 section 8.6: none for 204; for 304 only the length of the 200 would do, which is not known here.
        if response.status.allowsBody {
            buffer.append("Content-Length: ")
            buffer.append(decimal: length)
            buffer.append("\r\n")
        }
        return true
    }

    private static func isSafe(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy(\.isToken) && value.utf8.allSatisfy(\.isFieldValue)
    }

    /// Fields that the server alone decides on.
    private static func isOwn(_ name: String) -> Bool {
        switch name.utf8.count {
        case 4: name.equalsIgnoringASCIICase("date")
        case 10: name.equalsIgnoringASCIICase("connection")
        case 14: name.equalsIgnoringASCIICase("content-length")
        case 17: name.equalsIgnoringASCIICase("transfer-encoding")
        default: false
        }
    }
}

/// A response with a field or status that may not be sent.
struct UnsendableResponse: Error {}
