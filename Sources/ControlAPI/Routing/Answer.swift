import Captive
import HTTPServer

/// Encodes the value of a successful call as a response, and describes the response.
struct Answer<Value>: Sendable {
    let description: AnswerDescription
    let response: @Sendable (Value, Status) -> Response
}

/// The description of a successful response.
struct AnswerDescription: Sendable {
    /// Nil for a response without content.
    var mediaType: String?
    var schema: Schema?
    /// Other media types that can be requested with `Accept`.
    var alternatives: [String] = []
    /// Response headers, with a description each.
    var headers: [(name: String, sentence: String)] = []
}

extension Answer {
    /// A resource.
    static func one(_ shape: Shape<Value>) -> Answer {
        Answer(description: .init(mediaType: "application/json", schema: shape.schema)) {
            .json($1, shape.json($0))
        }
    }

    /// A list without pagination.
    static func all<Row>(_ shape: Shape<Row>) -> Answer where Value == [Row] {
        Answer(description: .init(mediaType: "application/json", schema: .list(of: shape.schema))) {
            .json($1, .array($0.map(shape.json)))
        }
    }

    /// A response that the handler creates itself, such as a file.
    static func content(_ mediaType: String, headers: [(name: String, sentence: String)] = []) -> Answer
    where Value == Response {
        Answer(description: .init(mediaType: mediaType, schema: .string, headers: headers)) { response, _ in response }
    }
}

extension Answer where Value == Void {
    static var nothing: Answer { Answer(description: .init()) { Response($1) } }
}
