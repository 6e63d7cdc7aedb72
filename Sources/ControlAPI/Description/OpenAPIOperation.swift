import Captive
import HTTPServer

/// One call as an OpenAPI operation object.
struct OpenAPIOperation {
    let endpoint: Endpoint
    let tag: String
    let errors: ErrorResponder

    var json: JSONValue {
        var members: [(String, JSONValue)] = [
            ("operationId", .string(endpoint.name)), ("tags", [.string(tag)]), ("summary", .string(endpoint.summary)),
        ]
        if let note = endpoint.legacyPathsNote { members.append(("description", .string(note))) }
        members.append(("security", security))
        if !parameters.isEmpty { members.append(("parameters", .array(parameters))) }
        if let body = endpoint.body { members.append(("requestBody", requestBody(body))) }
        members.append(("responses", responses))
        return .object(members.map { .init(name: $0.0, value: $0.1) })
    }

    private var security: JSONValue {
        guard let scope = endpoint.scope else { return [] }
        return [["bearerAuth": [.string(scope.rawValue)]]]
    }

    private var parameters: [JSONValue] {
        let path = endpoint.parameters.map {
            parameter("path", $0.name, $0.schema, $0.description, isRequired: true)
        }
        let key = endpoint.idempotencyKey.map {
            parameter("header", $0.name, $0.schema, $0.schema.description ?? "", isRequired: false)
        }
        return path + [key].compactMap(\.self)
            + endpoint.query.properties.map {
                parameter("query", $0.name, $0.schema, $0.schema.description ?? "", isRequired: $0.isRequired)
            }
    }

    private func parameter(
        _ location: JSONValue, _ name: String, _ schema: Schema, _ description: String, isRequired: Bool
    ) -> JSONValue {
        [
            "name": .string(name), "in": location, "required": .bool(isRequired), "description": .string(description),
            "schema": schema.removing("description").json,
        ]
    }

    private func requestBody(_ body: Endpoint.Body) -> JSONValue {
        var content = [JSONValue.Member(name: "schema", value: body.schema.json)]
        if let (field, types) = body.files {
            let types: JSONValue = ["contentType": .string(types.joined(separator: ", "))]
            content.append(.init(name: "encoding", value: .object([.init(name: field, value: types)])))
        }
        return ["required": true, "content": .object([.init(name: body.mediaType, value: .object(content))])]
    }

    private var responses: JSONValue {
        let groups = Dictionary(grouping: endpoint.errorCodes, by: \.status.rawValue).sorted { $0.key < $1.key }
        return .object(
            [.init(name: "\(endpoint.status.rawValue)", value: success)]
                + groups.map { .init(name: "\($0.key)", value: errorResponse($0.value)) })
    }

    private var success: JSONValue {
        var members: [(String, JSONValue)] = [("description", .string(endpoint.status.reason))]
        if !endpoint.response.headers.isEmpty {
            members.append(("headers", headers(endpoint.response.headers)))
        }
        if let mediaType = endpoint.response.mediaType, let schema = endpoint.response.schema {
            let others = endpoint.response.alternatives.map { ($0, Schema.string) }
            let content = ([(mediaType, schema)] + others).map { name, schema in
                JSONValue.Member(name: name, value: ["schema": schema.json])
            }
            members.append(("content", .object(content)))
        }
        return .object(members.map { .init(name: $0.0, value: $0.1) })
    }

    private func errorResponse(_ codes: [ErrorCode]) -> JSONValue {
        let words = codes.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        var members: [JSONValue.Member] = [.init(name: "description", value: .string(words))]
        if codes.first?.status == .unauthorized {
            let challenge = [("WWW-Authenticate", "The challenge (RFC 6750 section 3).")]
            members.append(.init(name: "headers", value: headers(challenge)))
        }
        members.append(.init(name: "content", value: ["application/json": ["schema": errors.shape.schema.json]]))
        return .object(members)
    }

    private func headers(_ headers: [(name: String, description: String)]) -> JSONValue {
        .object(
            headers.map {
                .init(name: $0.name, value: ["description": .string($0.description), "schema": Schema.string.json])
            })
    }
}
