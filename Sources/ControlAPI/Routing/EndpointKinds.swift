import Captive
import HTTPServer

/// Standard kinds of calls. `legacy` is as in `Endpoint.init`. A call without an `Input` takes no query.
extension Endpoint {
    static func get<Value>(
        _ path: String, legacy: [String]? = nil, _ name: String, _ summary: String, _ encoder: ResponseEncoder<Value>,
        errors: [ErrorCode] = [], _ handle: @escaping @Sendable (Call) async throws -> Value
    ) -> Endpoint {
        plain(.get, .ok, path, legacy, name, summary, encoder, errors, handle)
    }

    /// A POST without a body; returns 201.
    static func post<Value>(
        _ path: String, legacy: [String]? = nil, _ name: String, _ summary: String, _ encoder: ResponseEncoder<Value>,
        errors: [ErrorCode] = [], _ handle: @escaping @Sendable (Call) async throws -> Value
    ) -> Endpoint {
        plain(.post, .created, path, legacy, name, summary, encoder, errors, handle)
    }

    /// A DELETE; returns 204.
    static func delete(
        _ path: String, legacy: [String]? = nil, _ name: String, _ summary: String, errors: [ErrorCode] = [],
        _ handle: @escaping @Sendable (Call) async throws -> Void
    ) -> Endpoint {
        plain(.delete, .noContent, path, legacy, name, summary, .nothing, errors, handle)
    }

    /// A POST with a body; returns 201.
    static func post<Content, Value>(
        _ path: String, legacy: [String]? = nil, _ name: String, _ summary: String, _ body: Input<Content>,
        _ encoder: ResponseEncoder<Value>, errors: [ErrorCode] = [],
        _ handle: @escaping @Sendable (Call, Content) async throws -> Value
    ) -> Endpoint {
        writing(.post, .created, path, legacy, name, summary, body, encoder, errors, handle)
    }

    /// A PUT with a body; returns 202.
    static func put<Content, Value>(
        _ path: String, legacy: [String]? = nil, _ name: String, _ summary: String, _ body: Input<Content>,
        _ encoder: ResponseEncoder<Value>, errors: [ErrorCode] = [],
        _ handle: @escaping @Sendable (Call, Content) async throws -> Value
    ) -> Endpoint {
        writing(.put, .accepted, path, legacy, name, summary, body, encoder, errors, handle)
    }

    /// A GET that requires no token.
    static func unauthenticatedGet<Query, Value>(
        _ path: String, legacy: [String]? = nil, _ name: String, _ summary: String, query: Input<Query>,
        _ encoder: ResponseEncoder<Value>, errors: [ErrorCode] = [],
        _ handle: @escaping @Sendable (Request, Query) async throws -> Value
    ) -> Endpoint {
        Endpoint(
            .get, path, legacy: legacy, name, summary, query: query.schema, status: .ok, response: encoder.description,
            errors: errors,
            work: .unauthenticated { request in
                let value = try await handle(request, query.value(from: request.queryFields(ignoresUnknown: true)))
                return encoder.encode(value, .ok)
            })
    }

    /// A paginated list, newest first.
    static func list<Row: Pageable>(
        _ path: String, legacy: [String]? = nil, _ name: String, _ summary: String, _ shape: Shape<Row>,
        _ fetch: @escaping @Sendable (Call, ListPage) async throws -> [Row]
    ) -> Endpoint {
        list(path, legacy: legacy, name, summary, filter: .none, shape) { call, _, page in try await fetch(call, page) }
    }

    /// A paginated and filtered list, newest first.
    static func list<Filter, Row: Pageable>(
        _ path: String, legacy: [String]? = nil, _ name: String, _ summary: String, filter: Input<Filter>,
        _ shape: Shape<Row>, _ fetch: @escaping @Sendable (Call, Filter, ListPage) async throws -> [Row]
    ) -> Endpoint {
        let query = filter.followed(by: ListPage.query())
        return Endpoint(
            .get, path, legacy: legacy, name, summary, query: query.schema, status: .ok,
            response: PagedList.responseDescription(shape),
            work: .authenticated(.get) { call in
                let (filter, page) = try query.value(from: call.request.queryFields())
                let list = try await PagedList(page) { try await fetch(call, filter, $0) }
                return list.response(shape, at: call.listAddress)
            })
    }

    private static func plain<Value>(
        _ method: HTTPServer.Method, _ status: Status, _ path: String, _ legacy: [String]?, _ name: String,
        _ summary: String, _ encoder: ResponseEncoder<Value>, _ errors: [ErrorCode],
        _ handle: @escaping @Sendable (Call) async throws -> Value
    ) -> Endpoint {
        Endpoint(
            method, path, legacy: legacy, name, summary, status: status, response: encoder.description, errors: errors,
            work: .authenticated(method) { call in
                try Input.none.value(from: call.request.queryFields())
                return encoder.encode(try await handle(call), status)
            })
    }

    private static func writing<Content, Value>(
        _ method: HTTPServer.Method, _ status: Status, _ path: String, _ legacy: [String]?, _ name: String,
        _ summary: String, _ body: Input<Content>, _ encoder: ResponseEncoder<Value>, _ errors: [ErrorCode],
        _ handle: @escaping @Sendable (Call, Content) async throws -> Value
    ) -> Endpoint {
        Endpoint(
            method, path, legacy: legacy, name, summary, body: Body(schema: body.schema), status: status,
            response: encoder.description, errors: errors,
            work: .authenticated(method) { call in
                try Input.none.value(from: call.request.queryFields())
                let content = try body.value(from: call.request.fields())
                return encoder.encode(try await handle(call, content), status)
            })
    }
}
