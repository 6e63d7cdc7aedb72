import HTTPServer

extension Request {
    /// The query's fields, each a text and named once. An `isOpen` one may hold names that nobody knows: what handed
    /// the address on may have added them.
    func queryFields(isOpen: Bool = false) -> FieldReader {
        let members = queryParameters().all.map { JSONValue.Member(name: $0.name, value: .string($0.value)) }
        return FieldReader(members, isText: true, isOpen: isOpen)
    }

    /// The body's fields. Throws `media_type_unsupported` for anything but JSON, `json_invalid` for what is no object.
    func fields() throws -> FieldReader {
        try checkMediaType()
        guard !body.isEmpty else { throw APIError(.jsonInvalid, "The request needs a body with a JSON object.") }
        do {
            guard case .object(let members) = try JSONParser.parse(body) else {
                throw APIError(.jsonInvalid, "The body must be a JSON object.")
            }
            return FieldReader(members)
        } catch let failure as JSONParser.Failure {
            throw APIError(.jsonInvalid, "The body is not valid JSON: \(failure.reason).")
        }
    }

    /// For a call that takes no body: throws `parameter_unknown` if there are fields, so that nothing is done that was
    /// not meant. Any other content is what some programs send when there is none, such as `{}`.
    func refuseFields() throws {
        guard !body.isEmpty, case .object(let members)? = try? JSONParser.parse(body) else { return }
        try Input.none.value(from: FieldReader(members))
    }

    /// No Content-Type is taken for JSON.
    private func checkMediaType() throws {
        guard let text = headers["Content-Type"] else { return }
        let parts = text.lowercased().split(separator: ";").map { $0.trimmingSpaces }
        let type = parts.first ?? ""
        guard type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json")) else {
            throw APIError(.mediaTypeUnsupported, "The body must be JSON, sent with 'Content-Type: application/json'.")
        }
        let charsets = parts.dropFirst().filter { $0.hasPrefix("charset=") }
        guard charsets.allSatisfy({ $0 == "charset=utf-8" || $0 == "charset=\"utf-8\"" }) else {
            throw APIError(.jsonInvalid, "The body must be UTF-8, the only encoding of JSON.")
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
