import HTTPServer

/// The OpenAPI 3.1 document of the API.
struct OpenAPIDocument {
    let sections: [Section]
    let errors: ErrorResponder
    /// The program's version.
    let version: String

    var json: JSONValue {
        [
            "openapi": "3.1.1", "info": info, "servers": [["url": .string(errors.publicURL)]],
            "tags": .array(sections.map { ["name": .string($0.title), "description": .string($0.about)] }),
            "paths": .object(paths), "components": components,
        ]
    }

    private var info: JSONValue {
        [
            "title": "Portico control API", "version": .string(version),
            "description": .string(Self.introduction),
        ]
    }

    static let introduction =
        "Configure captive portals for guest networks. All calls except public ones require a token: "
        + "`Authorization: Bearer <token>`. Requests and responses are JSON, times are ISO 8601 in UTC, IDs are UUIDs. "
        + "A token gives access to the resources of one workspace."

    /// The calls grouped by path, in the order in which the paths first occur.
    private var paths: [JSONValue.Member] {
        var paths: [(path: String, operations: [JSONValue.Member])] = []
        for section in sections {
            for endpoint in section.endpoints {
                let operation = OpenAPIOperation(endpoint: endpoint, tag: section.title, errors: errors)
                let member = JSONValue.Member(name: endpoint.method.rawValue.lowercased(), value: operation.json)
                if let index = paths.firstIndex(where: { $0.path == endpoint.path }) {
                    paths[index].operations.append(member)
                } else {
                    paths.append((endpoint.path, [member]))
                }
            }
        }
        return paths.map { .init(name: $0.path, value: .object($0.operations)) }
    }

    private var components: JSONValue {
        let definitions = Schema.definitions(
            of: sections.flatMap(\.endpoints).flatMap(\.schemas) + [errors.shape.schema])
        let schemas = definitions.sorted { $0.key < $1.key }.map { JSONValue.Member(name: $0.key, value: $0.value) }
        let bearer: JSONValue = [
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "A token from `portico token create`, or from the external issuer that is configured.",
        ]
        return ["schemas": .object(schemas), "securitySchemes": ["bearerAuth": bearer]]
    }
}

extension Endpoint {
    /// All schemas that the description of this call refers to.
    fileprivate var schemas: [Schema] {
        [query] + parameters.map(\.schema) + [body?.schema, response.schema].compactMap { $0 }
    }
}
