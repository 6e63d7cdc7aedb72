/// Serialises responses (RFC 9112 section 4 on).
///
/// All fields are written here, so that no value can inject a line: a name that is not a token, or a value with a
/// control byte, makes the whole response a 500 (RFC 9112 section 11.1).
struct ResponseWriter {
    /// Properties of the request and the connection that affect the response.
    struct Context {
        let isHead: Bool
        let isHTTP11: Bool
        let keepsAlive: Bool
        /// `Date: …` and, if configured, `Server: …`, each with its CRLF.
        let serverFields: [UInt8]
    }

    /// Bodies of at most this many bytes are appended to their head; the caller sends larger ones.
    static let largestCopy = 64 << 10

    /// Appends `response` to `buffer`. Returns the body if the caller must send it, directly after the buffer.
    /// Throws, leaving `buffer` unchanged, if the status or a field is invalid.
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

    /// Writes status line, fields and `Content-Length`; false if the status or a field is invalid.
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
        // RFC 9110 section 8.6: none for 204; for 304 it would have to be the length of the 200, which is unknown here.
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

    /// Whether the server itself sets the field.
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

/// A response with an invalid field or status.
struct UnsendableResponse: Error {}
