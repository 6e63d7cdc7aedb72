/// A response. The server sets `Date`, `Content-Length` and `Connection` and ignores those given here.
package struct Response: Sendable {
    /// The content of a response.
    package enum Body: Sendable {
        case empty
        case bytes([UInt8])
        /// Shared by many responses without copying.
        case shared(SharedBytes)
    }

    /// Must be 200 to 599; the server sends 500 instead of any other status.
    package var status: Status { didSet { prepared = nil } }
    /// Sent in this order, before the fields that the server adds.
    package var headers: Headers { didSet { prepared = nil } }
    /// Not sent for HEAD, 204 and 304. `Content-Length` is not sent for 204 and 304.
    package var body: Body { didSet { prepared = nil } }
    /// Whether to close the connection after this response.
    package var closesConnection = false

    /// The serialised form; nil after a change.
    private(set) var prepared: PreparedResponse?

    /// A response from its parts, which are validated when it is sent.
    package init(_ status: Status, headers: Headers = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// Plain UTF-8 text.
    package static func text(_ status: Status, _ text: String) -> Response {
        Response(status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: .bytes(Array(text.utf8)))
    }

    /// A redirect with a short page that links to `location`, as RFC 9110 section 15.4 advises.
    package static func redirect(_ status: Status, to location: String) -> Response {
        let link = location.escapedForHTML
        let page = "<!doctype html><title>\(status.reason)</title><a href=\"\(link)\">Continue</a>\n"
        let headers: Headers = ["Location": location, "Content-Type": "text/html; charset=utf-8"]
        return Response(status, headers: headers, body: .bytes(Array(page.utf8)))
    }

    /// A response serialised before. Sending it takes one copy and no allocation.
    package static func prepared(_ prepared: PreparedResponse) -> Response {
        var response = prepared.response
        response.prepared = prepared
        return response
    }

    var bodyBytes: [UInt8] {
        switch body {
        case .empty: []
        case .bytes(let bytes): bytes
        case .shared(let shared): shared.bytes
        }
    }
}

extension String {
    /// The text with `&`, `<`, `>` and quotes as character references.
    var escapedForHTML: String {
        var escaped = ""
        for character in unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
