package import NetworkAddress

/// A complete request with validated framing, host, path and size.
package struct Request: Sendable {
    /// As sent; any token.
    package let method: Method
    /// Percent-decoded, `.` and `..` resolved, without control bytes, valid UTF-8; starts with `/`, or is `*`.
    package let path: String
    /// Path and query in origin form as sent, not decoded. For logs (escape it) and signatures.
    package var rawTarget: String { head.rawTarget }
    /// The query as sent, without `?`; empty if there is none.
    package var query: String { String(streamSafe: head.queryBytes) }
    /// The authority of an absolute-form target, else `Host`; lower case, with the port if one was sent.
    /// May be empty in HTTP/1.0.
    package let authority: String
    /// All fields. Forwarding fields are removed unless a trusted proxy sent them.
    package let headers: Headers
    /// The complete content without chunk framing, within the responder's limit.
    package var body: [UInt8]
    /// The client's address: the peer, or the client reported by a trusted proxy. IPv4-mapped addresses are IPv4.
    package let client: IPAddress
    /// Whether the client's connection uses TLS, to this server or to a trusted proxy.
    package let isSecure: Bool
    /// The route, as found by `Responder.match`.
    package var match: Router.Match

    let head: RequestHead
    /// The connection, while a handler waits in `respond(to:)`; otherwise nil.
    var connection: Connection?

    init(head: RequestHead, body: [UInt8], origin: ClientOrigin, match: Router.Match = .notFound) {
        method = head.method
        path = head.path
        authority = origin.authority ?? head.authority
        headers = origin.headers ?? head.headers
        client = origin.client
        isSecure = origin.isSecure
        self.body = body
        self.head = head
        self.match = match
    }

    /// Values of the route's `{name}` parameters.
    package var pathParameters: [String: String] {
        guard case .found(_, let parameters) = match else { return [:] }
        return parameters
    }

    /// Runs `body`, which only waits. Meanwhile the server may close the connection for a new one, as it closes
    /// connections that wait for their client, and closes it if the client ends its side. That cancels the task.
    package func whileReplaceable(_ body: () async throws -> Void) async rethrows {
        connection?.setReplaceable(true)
        defer { connection?.setReplaceable(false) }
        try await body()
    }

    /// The decoded names and values of the query; `+` is a space.
    package func queryParameters() -> FormFields { FormFields(decoding: head.queryBytes) }

    /// The first value of `name` in the query, found without decoding the others.
    package func queryValue(_ name: String) -> String? {
        var rest = head.queryBytes
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.endIndex
            let pair = rest[..<end]
            rest = rest[min(end + 1, rest.endIndex)...]
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let key = pair[..<equals]
            guard key.elementsEqual(name.utf8) || FormFields.decode(key).hasBytes(of: name) else { continue }
            return equals < pair.endIndex ? FormFields.decode(pair[(equals + 1)...]) : ""
        }
        return nil
    }

    /// The fields of a form body.
    ///
    /// - Throws: `HTTPError` 415 unless the content type is `application/x-www-form-urlencoded`; 400 if the body is not
    ///   UTF-8.
    package func formFields() throws -> FormFields {
        let type = (headers["Content-Type"] ?? "").prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
        guard type.lowercased() == "application/x-www-form-urlencoded" else {
            throw HTTPError(.unsupportedMediaType, "the content must be application/x-www-form-urlencoded")
        }
        guard String(validating: body, as: UTF8.self) != nil else {
            throw HTTPError(.badRequest, "the form is not UTF-8")
        }
        return FormFields(decoding: body)
    }
}

extension Request {
    /// Creates a request without a connection, for tests and for calling a handler directly.
    ///
    /// An invalid `target` (control bytes, no leading `/`) is replaced with `/`.
    package init(
        method: Method, target: String, headers: Headers = [:], body: [UInt8] = [],
        client: IPAddress = .loopback, isSecure: Bool = false
    ) {
        let host = headers["Host"] ?? "localhost"
        let line = "\(method.rawValue) \(target) HTTP/1.1\r\nHost: \(host)\r\n\r\n"
        let fallback = "\(method.rawValue) / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let head = (try? RequestHead(Array(line.utf8))) ?? (try? RequestHead(Array(fallback.utf8)))
        let origin = ClientOrigin(client: client.unmapped, isSecure: isSecure, headers: headers)
        self.init(head: head ?? .empty, body: body, origin: origin)
    }
}
