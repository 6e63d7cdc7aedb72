import Captive
import HTTPServer

/// One call of the API: method, path, input, response and handler. Both the route and its description come from it.
struct Endpoint: Sendable {
    let method: HTTPServer.Method
    /// The current path, including the base path.
    let path: String
    /// Complete paths of older versions of the API, at which the call is served too.
    let legacyPaths: [String]
    /// The `operationId` in the description, such as `listInstances`.
    let name: String
    /// An imperative without a full stop, such as "Create an instance".
    let summary: String
    let parameters: [PathParameter]
    let query: Schema
    /// Nil if the call takes no body.
    let body: Body?
    let status: Status
    var response: ResponseDescription
    /// Errors in addition to those that all calls of this kind may return.
    let errors: [ErrorCode]
    var work: Work

    /// The required authentication, and the handler.
    enum Work: Sendable {
        /// Requires a token with this scope.
        case authenticated(APIToken.Scope, @Sendable (Call) async throws -> Response)
        /// Requires no token.
        case unauthenticated(@Sendable (Request) async throws -> Response)

        /// Requires a token with the scope `captive:read` for GET, `captive:write` for all other methods.
        static func authenticated(
            _ method: HTTPServer.Method, _ handle: @escaping @Sendable (Call) async throws -> Response
        ) -> Work {
            .authenticated(method == .get ? .read : .write, handle)
        }
    }

    struct Body: Sendable {
        var mediaType = "application/json"
        let schema: Schema
        /// For a form: the field that holds the file, and the allowed media types of the file.
        var files: (field: String, mediaTypes: [String])?
        /// In bytes; nil for the default limit.
        var limit: Int?
    }

    /// `path` excludes the base path. `legacy` defaults to `path` without the base path. `parameters` are the path
    /// parameters that are not IDs.
    init(
        _ method: HTTPServer.Method, _ path: String, legacy: [String]? = nil, _ name: String, _ summary: String,
        parameters: [PathParameter] = [], query: Schema = Input.none.schema, body: Body? = nil, status: Status,
        response: ResponseDescription,
        errors: [ErrorCode] = [], work: Work
    ) {
        (self.method, self.path, legacyPaths) = (method, ControlAPI.basePath + path, legacy ?? [path])
        (self.name, self.summary) = (name, summary)
        self.parameters = PathParameter.all(in: path, others: parameters)
        (self.query, self.body, self.status, self.response, self.errors) = (query, body, status, response, errors)
        self.work = work
    }

    /// The scope that the token must have; nil if no token is required.
    var scope: APIToken.Scope? {
        if case .authenticated(let scope, _) = work { scope } else { nil }
    }

    var patterns: [String] { [path] + legacyPaths }
}

/// The calls of one resource: a tag in OpenAPI.
struct Section: Sendable {
    let title: String
    /// One or two sentences.
    let about: String
    let endpoints: [Endpoint]

    /// The kind of resource as the audit log names it: `auth_integrations`.
    var resource: String { title.lowercased().replacing(" ", with: "_") }

    init(_ title: String, _ about: String, _ endpoints: [Endpoint]) {
        (self.title, self.about, self.endpoints) = (title, about, endpoints)
    }
}
