import Captive
import HTTPServer

/// Standard kinds of calls. `older` is as in `Endpoint.init`. A call without an `Input` takes no query.
extension Endpoint {
    static func get<Value>(
        _ path: String, older: [String]? = nil, _ name: String, _ summary: String, _ answer: Answer<Value>,
        errors: [ErrorCode] = [], _ handle: @escaping @Sendable (Call) async throws -> Value
    ) -> Endpoint {
        plain(.get, .ok, path, older, name, summary, answer, errors, handle)
    }

    /// A POST without a body; returns 201.
    static func post<Value>(
        _ path: String, older: [String]? = nil, _ name: String, _ summary: String, _ answer: Answer<Value>,
        errors: [ErrorCode] = [], _ handle: @escaping @Sendable (Call) async throws -> Value
    ) -> Endpoint {
        plain(.post, .created, path, older, name, summary, answer, errors, handle)
    }

    /// A DELETE; returns 204.
    static func delete(
        _ path: String, older: [String]? = nil, _ name: String, _ summary: String, errors: [ErrorCode] = [],
        _ handle: @escaping @Sendable (Call) async throws -> Void
    ) -> Endpoint {
        plain(.delete, .noContent, path, older, name, summary, .nothing, errors, handle)
    }

    /// A POST with a body; returns 201.
    static func post<Content, Value>(
        _ path: String, older: [String]? = nil, _ name: String, _ summary: String, _ body: Input<Content>,
        _ answer: Answer<Value>, errors: [ErrorCode] = [],
        _ handle: @escaping @Sendable (Call, Content) async throws -> Value
    ) -> Endpoint {
        writing(.post, .created, path, older, name, summary, body, answer, errors, handle)
    }

    /// A PUT with a body; returns 202.
    static func put<Content, Value>(
        _ path: String, older: [String]? = nil, _ name: String, _ summary: String, _ body: Input<Content>,
        _ answer: Answer<Value>, errors: [ErrorCode] = [],
        _ handle: @escaping @Sendable (Call, Content) async throws -> Value
    ) -> Endpoint {
        writing(.put, .accepted, path, older, name, summary, body, answer, errors, handle)
    }

    /// A GET that requires no token.
    static func open<Query, Value>(
        _ path: String, older: [String]? = nil, _ name: String, _ summary: String, query: Input<Query>,
        _ answer: Answer<Value>, errors: [ErrorCode] = [],
        _ handle: @escaping @Sendable (Request, Query) async throws -> Value
    ) -> Endpoint {
        Endpoint(
            .get, path, older: older, name, summary, query: query.schema, status: .ok, answer: answer.description,
            errors: errors,
            work: .open { request in
                let value = try await handle(request, query.value(from: request.queryFields(isOpen: true)))
                return answer.response(value, .ok)
            })
    }

    /// A paginated list, newest first.
    static func list<Row: Listed>(
        _ path: String, older: [String]? = nil, _ name: String, _ summary: String, _ shape: Shape<Row>,
        _ fetch: @escaping @Sendable (Call, ListPage) async throws -> [Row]
    ) -> Endpoint {
        list(path, older: older, name, summary, filter: .none, shape) { call, _, page in try await fetch(call, page) }
    }

    /// A paginated and filtered list, newest first.
    static func list<Filter, Row: Listed>(
        _ path: String, older: [String]? = nil, _ name: String, _ summary: String, filter: Input<Filter>,
        _ shape: Shape<Row>, _ fetch: @escaping @Sendable (Call, Filter, ListPage) async throws -> [Row]
    ) -> Endpoint {
        let query = filter.followed(by: ListPage.query())
        return Endpoint(
            .get, path, older: older, name, summary, query: query.schema, status: .ok, answer: PagedList.answer(shape),
            work: .guarded(.get) { call in
                let (filter, page) = try query.value(from: call.request.queryFields())
                let list = try await PagedList(page) { try await fetch(call, filter, $0) }
                return list.response(shape, at: call.listAddress)
            })
    }

    private static func plain<Value>(
        _ method: HTTPServer.Method, _ status: Status, _ path: String, _ older: [String]?, _ name: String,
        _ summary: String, _ answer: Answer<Value>, _ errors: [ErrorCode],
        _ handle: @escaping @Sendable (Call) async throws -> Value
    ) -> Endpoint {
        Endpoint(
            method, path, older: older, name, summary, status: status, answer: answer.description, errors: errors,
            work: .guarded(method) { call in
                try Input.none.value(from: call.request.queryFields())
                return answer.response(try await handle(call), status)
            })
    }

    private static func writing<Content, Value>(
        _ method: HTTPServer.Method, _ status: Status, _ path: String, _ older: [String]?, _ name: String,
        _ summary: String, _ body: Input<Content>, _ answer: Answer<Value>, _ errors: [ErrorCode],
        _ handle: @escaping @Sendable (Call, Content) async throws -> Value
    ) -> Endpoint {
        Endpoint(
            method, path, older: older, name, summary, body: Body(schema: body.schema), status: status,
            answer: answer.description, errors: errors,
            work: .guarded(method) { call in
                try Input.none.value(from: call.request.queryFields())
                let content = try body.value(from: call.request.fields())
                return answer.response(try await handle(call, content), status)
            })
    }
}
