import Captive
import HTTPServer

/// The template values of the HTML reference: calls, response objects and error codes.
struct ReferencePage {
    let sections: [Section]
    let errors: ErrorResponder
    let version: String

    var values: [String: Any] {
        [
            "title": "Control API", "version": version, "server": errors.publicURL,
            "about": OpenAPIDocument.introduction.replacing("`", with: ""), "sections": sections.map(section),
            "shapes": shapes, "codes": ErrorCode.allCases.map(code),
        ]
    }

    private func section(_ section: Section) -> [String: Any] {
        [
            "title": section.title, "anchor": anchor(section.title), "about": section.about.replacing("`", with: ""),
            "calls": section.endpoints.map(call),
        ]
    }

    private func anchor(_ title: String) -> String { title.lowercased().replacing(" ", with: "-") }

    private func call(_ endpoint: Endpoint) -> [String: Any] {
        var values: [String: Any] = [
            "name": endpoint.name, "method": endpoint.method.rawValue, "path": endpoint.path,
            "summary": endpoint.summary, "status": endpoint.status.description, "curl": curl(endpoint),
            "errors": endpoint.errorCodes.filter(Self.isParticular).map(code),
        ]
        if let scope = endpoint.scope { values["scope"] = scope.rawValue }
        if !endpoint.legacyPaths.isEmpty { values["legacy"] = endpoint.legacyPaths }
        let parameters = endpoint.parameters.map {
            FieldRows.Row(name: $0.name, schema: $0.schema.described($0.description), isRequired: true).values
        }
        let key = endpoint.idempotencyKey.map {
            FieldRows.Row(name: $0.name, schema: $0.schema, isRequired: false).values
        }
        let fields = parameters + [key].compactMap(\.self) + FieldRows(endpoint.query).rows.map(\.values)
        if !fields.isEmpty { values["parameters"] = ["rows": fields] }
        if let body = endpoint.body {
            values["body"] = [
                "rows": FieldRows(body.schema.behindReference).rows.map(\.values), "type": body.mediaType,
            ]
        }
        if let schema = endpoint.response.schema {
            let summary = SchemaSummary(schema: schema)
            values["response"] = summary.reference == nil ? endpoint.response.mediaType ?? "" : summary.text
            if let reference = summary.reference { values["shape"] = reference }
        }
        return values
    }

    /// Whether the error is specific to some calls, rather than common to all.
    private static func isParticular(_ code: ErrorCode) -> Bool {
        ![.rateLimited, .internalError, .unavailable, .payloadTooLarge].contains(code)
            && code.status != .unauthorized && code != .scopeMissing
    }

    private func code(_ code: ErrorCode) -> [String: Any] {
        ["code": code.rawValue, "status": code.status.rawValue, "type": code.type]
    }

    /// The objects in responses, sorted by name.
    private var shapes: [[String: Any]] {
        let definitions = Schema.definitions(
            of: sections.flatMap(\.endpoints).compactMap(\.response.schema) + [errors.shape.schema])
        return definitions.keys.sorted().map { name in
            let schema = Schema.named(name, in: definitions)
            return ["name": name, "rows": FieldRows(schema).rows.map(\.values)]
        }
    }

    private func curl(_ endpoint: Endpoint) -> String {
        let path = endpoint.parameters.reduce(endpoint.path) { path, parameter in
            path.replacing("{\(parameter.name)}", with: SchemaSummary(schema: parameter.schema).example.plain)
        }
        var lines = ["curl \(errors.publicURL)\(path)"]
        if endpoint.method != .get { lines[0] = "curl -X \(endpoint.method) \(errors.publicURL)\(path)" }
        if endpoint.scope != nil { lines.append("-H \"Authorization: Bearer $TOKEN\"") }
        if let body = endpoint.body, body.mediaType == "application/json" {
            let example = SchemaSummary(schema: body.schema.behindReference).example
            lines.append("-H 'Content-Type: application/json'")
            // Safe because the description is the program's own.
            lines.append("-d '\(String(decoding: example.bytes, as: UTF8.self))'")
        }
        if let (field, types) = endpoint.body?.files, let kind = types.first?.split(separator: "/").last {
            lines.append("-F \(field)=@picture.\(kind)")
        }
        return lines.joined(separator: " \\\n  ")
    }
}

extension JSONValue {
    fileprivate var plain: String { if case .string(let text) = self { text } else { "" } }
}
