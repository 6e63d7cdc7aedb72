import Captive
import HTTPServer

/// What an endpoint answers when all is well: how its value becomes a response, and what the description says of it.
struct Answer<Value>: Sendable {
    let description: AnswerDescription
    let response: @Sendable (Value, Status) -> Response
}

/// The part of an answer that does not depend on the value's type.
struct AnswerDescription: Sendable {
    /// Nil for an answer without content.
    var mediaType: String?
    var schema: Schema?
    /// Other media types in which it may be asked for with `Accept`.
    var alternatives: [String] = []
    /// Fields that the answer may carry, and a sentence for each.
    var headers: [(name: String, sentence: String)] = []
}

extension Answer {
    /// A resource.
    static func one(_ shape: Shape<Value>) -> Answer {
        Answer(description: .init(mediaType: "application/json", schema: shape.schema)) {
            .json($1, shape.json($0))
        }
    }

    /// All of a list, without pages.
    static func all<Row>(_ shape: Shape<Row>) -> Answer where Value == [Row] {
        Answer(description: .init(mediaType: "application/json", schema: .list(of: shape.schema))) {
            .json($1, .array($0.map(shape.json)))
        }
    }

    /// What the handler made itself, such as a file.
    static func content(_ mediaType: String, headers: [(name: String, sentence: String)] = []) -> Answer
    where Value == Response {
        Answer(description: .init(mediaType: mediaType, schema: .string, headers: headers)) { response, _ in response }
    }
}

extension Answer where Value == Void {
    static var nothing: Answer { Answer(description: .init()) { Response($1) } }
}
