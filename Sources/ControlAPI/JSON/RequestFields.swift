import HTTPServer

extension Request {
    /// The fields of the query. With `ignoresUnknown`, unknown fields are ignored: mail programs and proxies add some
    /// to links.
    func queryFields(ignoresUnknown: Bool = false) -> FieldReader {
        let members = queryParameters().all.map { JSONValue.Member(name: $0.name, value: .string($0.value)) }
        return FieldReader(members, isText: true, ignoresUnknown: ignoresUnknown)
    }

    /// The fields of the body. Throws `media_type_unsupported` if it is not JSON, `json_invalid` if it is not an
    /// object.
    func fields() throws -> FieldReader {
        try checkMediaType()
        guard !body.isEmpty else { throw APIError(.jsonInvalid, "The request requires a body with a JSON object.") }
        do {
            guard case .object(let members) = try JSONParser.parse(body) else {
                throw APIError(.jsonInvalid, "The body must be a JSON object.")
            }
            return FieldReader(members)
        } catch let failure as JSONParser.Failure {
            throw APIError(.jsonInvalid, "The body is not valid JSON: \(failure.reason).")
        }
    }

    /// For a call without a body: throws `parameter_unknown` if the body has fields, since they would be ignored. Other
    /// content, such as `{}`, is accepted: some clients always send it.
    func rejectFields() throws {
        guard !body.isEmpty, case .object(let members)? = try? JSONParser.parse(body) else { return }
        try Input.none.value(from: FieldReader(members))
    }

    /// A missing Content-Type counts as JSON.
    private func checkMediaType() throws {
        guard let text = headers["Content-Type"] else { return }
        let parts = text.lowercased().split(separator: ";").map { $0.trimmingSpaces }
        let type = parts.first ?? ""
        guard type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json")) else {
            throw APIError(.mediaTypeUnsupported, "The body must be JSON, sent with 'Content-Type: application/json'.")
        }
        let charsets = parts.dropFirst().filter { $0.hasPrefix("charset=") }
        guard charsets.allSatisfy({ $0 == "charset=utf-8" || $0 == "charset=\"utf-8\"" }) else {
            throw APIError(.jsonInvalid, "The body must be encoded in UTF-8.")
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
