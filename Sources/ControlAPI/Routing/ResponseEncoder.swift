import Captive
import HTTPServer

/// Encodes the value of a successful call as a response, and describes the response.
struct ResponseEncoder<Value>: Sendable {
    let description: ResponseDescription
    let encode: @Sendable (Value, Status) -> Response
}

/// The description of a successful response.
struct ResponseDescription: Sendable {
    /// Nil for a response without content.
    var mediaType: String?
    var schema: Schema?
    /// Other media types that can be requested with `Accept`.
    var alternatives: [String] = []
    /// Response headers, with a description each.
    var headers: [(name: String, description: String)] = []
}

extension ResponseEncoder {
    /// A resource.
    static func one(_ shape: Shape<Value>) -> ResponseEncoder {
        ResponseEncoder(description: .init(mediaType: "application/json", schema: shape.schema)) {
            .json($1, shape.json($0))
        }
    }

    /// A list without pagination.
    static func all<Row>(_ shape: Shape<Row>) -> ResponseEncoder where Value == [Row] {
        ResponseEncoder(description: .init(mediaType: "application/json", schema: .list(of: shape.schema))) {
            .json($1, .array($0.map(shape.json)))
        }
    }

    /// A response that the handler creates itself, such as a file.
    static func content(_ mediaType: String, headers: [(name: String, description: String)] = []) -> ResponseEncoder
    where Value == Response {
        ResponseEncoder(description: .init(mediaType: mediaType, schema: .string, headers: headers)) { response, _ in
            response
        }
    }
}

extension ResponseEncoder where Value == Void {
    static var nothing: ResponseEncoder { ResponseEncoder(description: .init()) { Response($1) } }
}
