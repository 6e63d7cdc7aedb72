import HTTPServer

/// The calls of the API as an OpenAPI 3.1 document.
struct OpenAPIDocument {
    let sections: [Section]
    let errors: ErrorAnswer
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
        "Sets up captive portals for guest networks. Every call but those marked public needs a token: "
        + "`Authorization: Bearer <token>`. Bodies and answers are JSON, times ISO 8601 in UTC, ids UUIDs. A workspace sees "
        + "its own resources only."

    /// A path's calls stand together, in the order in which the paths first come.
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
            "description": "A token of `portico token create`, or of the issuer that the portal is set up with.",
        ]
        return ["schemas": .object(schemas), "securitySchemes": ["bearerAuth": bearer]]
    }
}

extension Endpoint {
    /// Every schema that the description of this call needs.
    fileprivate var schemas: [Schema] {
        [query] + parameters.map(\.schema) + [body?.schema, answer.schema].compactMap { $0 }
    }
}
