import Captive
import HTTPServer

/// One call of the API: method, path, what it reads, answers and does. Both the running route and its
/// description come from it.
struct Endpoint: Sendable {
    let method: HTTPServer.Method
    /// As the newest documents write it, with the base path.
    let path: String
    /// Where it answers too: paths of older documents, each whole.
    let olderPaths: [String]
    /// The operation's id in the description, such as `listInstances`.
    let name: String
    /// A sentence.
    let summary: String
    let parameters: [PathParameter]
    let query: Schema
    /// What the body may be; nil where there is none.
    let body: Body?
    let status: Status
    var answer: AnswerDescription
    /// Refusals beside those that every call of its kind may meet.
    let errors: [ErrorCode]
    var work: Work

    /// Who may call, and what happens then.
    enum Work: Sendable {
        /// Needs a token with this scope.
        case guarded(APIToken.Scope, @Sendable (Call) async throws -> Response)
        /// Needs none.
        case open(@Sendable (Request) async throws -> Response)

        /// Needs a token: with the scope to read for GET, with that to write for all else.
        static func guarded(
            _ method: HTTPServer.Method, _ handle: @escaping @Sendable (Call) async throws -> Response
        ) -> Work {
            .guarded(method == .get ? .read : .write, handle)
        }
    }

    struct Body: Sendable {
        var mediaType = "application/json"
        let schema: Schema
        /// Of a form, the media types that the file in its field may have.
        var files: (field: String, mediaTypes: [String])?
        /// Bytes; nil for the limit of all calls.
        var limit: Int?
    }

    /// `path` and `older` are as in the newest documents and in older ones, `path` without the base path. Without
    /// `older` there is one older path: the same. `parameters` are those of the path that are no ids.
    init(
        _ method: HTTPServer.Method, _ path: String, older: [String]? = nil, _ name: String, _ summary: String,
        parameters: [PathParameter] = [], query: Schema = Input.none.schema, body: Body? = nil, status: Status,
        answer: AnswerDescription,
        errors: [ErrorCode] = [], work: Work
    ) {
        (self.method, self.path, olderPaths) = (method, ControlAPI.basePath + path, older ?? [path])
        (self.name, self.summary) = (name, summary)
        self.parameters = PathParameter.all(in: path, others: parameters)
        (self.query, self.body, self.status, self.answer, self.errors) = (query, body, status, answer, errors)
        self.work = work
    }

    /// The scope that a token must have; nil where none is needed.
    var scope: APIToken.Scope? {
        if case .guarded(let scope, _) = work { scope } else { nil }
    }

    var patterns: [String] { [path] + olderPaths }
}

/// The calls of one resource, as the description groups them.
struct Section: Sendable {
    let title: String
    /// A sentence or two.
    let about: String
    let endpoints: [Endpoint]

    /// The kind of resource as the audit log names it: `auth_integrations`.
    var resource: String { title.lowercased().replacing(" ", with: "_") }

    init(_ title: String, _ about: String, _ endpoints: [Endpoint]) {
        (self.title, self.about, self.endpoints) = (title, about, endpoints)
    }
}
