internal import NetworkAddress

/// A form body with files: `multipart/form-data` (RFC 7578, RFC 2046 section 5.1), parsed strictly.
/// Accepts what curl and browsers send; refuses a preamble, an epilogue, nesting and encoded content.
package struct MultipartForm: Sendable {
    /// One field of the form.
    package struct Part: Sendable {
        /// As sent by the client.
        package let name: String
        /// The client's file name; nil for a plain field. Must not be used as a path.
        package let fileName: String?
        /// The content type that the client declared; nil if it declared none.
        package let mediaType: String?
        /// A slice of the request's body.
        package let content: ArraySlice<UInt8>
    }

    /// The parts in order, including repeated names; at least one.
    package let parts: [Part]

    private static let mostParts = 16
    private static let mostHeaderBytes = 4_096

    /// Throws `HTTPError` 415 for another media type, 400 for a malformed body.
    package init(_ request: Request) throws {
        let boundary = try Self.boundary(of: request)
        parts = try Self.parts(of: request.body, delimiter: Array("\r\n--\(boundary)".utf8))
    }

    private static func boundary(of request: Request) throws -> String {
        guard let value = MultipartValue(request.headers["Content-Type"] ?? ""), value.word == "multipart/form-data"
        else {
            throw HTTPError(.unsupportedMediaType, "the content must be multipart/form-data")
        }
        guard let boundary = value.parameters["boundary"], isBoundary(boundary) else {
            throw HTTPError(.badRequest, "the Content-Type needs a boundary of 1 to 70 characters")
        }
        return boundary
    }

    /// RFC 2046 section 5.1.1.
    private static func isBoundary(_ text: String) -> Bool {
        (1...70).contains(text.utf8.count) && !text.hasSuffix(" ")
            && text.utf8.allSatisfy { $0.isToken || "(),/:=? ".utf8.contains($0) }
    }

    private static func parts(of body: [UInt8], delimiter: [UInt8]) throws -> [Part] {
        let opening = delimiter.dropFirst(2)
        guard body.starts(with: opening) else { throw malformed("it does not begin with the boundary") }
        var rest = body[opening.count...]
        var parts: [Part] = []
        while true {
            if rest.starts(with: "--".utf8) {
                guard rest.count == 2 || rest.dropFirst(2).elementsEqual("\r\n".utf8) else {
                    throw malformed("something follows its end")
                }
                guard !parts.isEmpty else { throw malformed("it has no parts") }
                return parts
            }
            guard rest.starts(with: "\r\n".utf8) else { throw malformed("a boundary is not alone in its line") }
            guard parts.count < mostParts else { throw malformed("it has more than \(mostParts) parts") }
            // The line end before the fields may also be the first half of the empty line after an empty field section.
            guard let end = rest.range(of: Array("\r\n\r\n".utf8), within: mostHeaderBytes) else {
                throw malformed("a part has no end of its fields, or too many")
            }
            let content = rest[end.upperBound...]
            guard let next = content.range(of: delimiter, within: content.count) else {
                throw malformed("it ends within a part")
            }
            parts.append(try part(fields: rest[..<end.lowerBound].dropFirst(2), content: content[..<next.lowerBound]))
            rest = content[next.upperBound...]
        }
    }

    private static func part(fields: ArraySlice<UInt8>, content: ArraySlice<UInt8>) throws -> Part {
        guard let text = String(validating: fields, as: UTF8.self)?.streamSafe else {
            throw malformed("a part's fields are not UTF-8")
        }
        var headers = Headers()
        for line in text.split(separator: "\r\n") {
            guard let colon = line.firstIndex(of: ":"), line[..<colon].utf8.allSatisfy(\.isToken),
                colon > line.startIndex,
                line[colon...].utf8.allSatisfy(\.isFieldValue)
            else { throw malformed("a part has a malformed field") }
            headers.add(String(line[..<colon]), line[line.index(after: colon)...].trimmingBlanks)
        }
        guard headers.values("Content-Disposition").count == 1,
            let disposition = MultipartValue(headers["Content-Disposition"] ?? ""), disposition.word == "form-data",
            let name = disposition.parameters["name"]
        else { throw malformed("a part has no name") }
        let encoding = headers["Content-Transfer-Encoding"]?.lowercased() ?? "binary"
        guard ["binary", "8bit", "7bit"].contains(encoding) else { throw malformed("a part's content is encoded") }
        return Part(
            name: name, fileName: disposition.parameters["filename"], mediaType: headers["Content-Type"],
            content: content)
    }

    private static func malformed(_ detail: String) -> HTTPError {
        HTTPError(.badRequest, "the content is not multipart/form-data: \(detail)")
    }
}

/// A field value of the form `word; name=value; name="value"`.
struct MultipartValue {
    /// The first word, in lower case.
    let word: String
    /// Parameters by lower-case name.
    private(set) var parameters: [String: String] = [:]

    /// Returns nil if `text` is malformed or repeats a parameter.
    init?(_ text: String) {
        var rest = text[...]
        word = rest.removeFirst(while: { $0 != ";" }).trimmingBlanks.lowercased()
        guard !word.isEmpty else { return nil }
        while !rest.isEmpty {
            rest.removeFirst()
            guard let (name, value) = Self.parameter(&rest), parameters.updateValue(value, forKey: name) == nil else {
                return nil
            }
        }
    }

    private static func parameter(_ rest: inout Substring) -> (name: String, value: String)? {
        let name = rest.removeFirst(while: { $0 != "=" && $0 != ";" }).trimmingBlanks.lowercased()
        guard !name.isEmpty, name.utf8.allSatisfy(\.isToken), rest.popFirst() == "=" else { return nil }
        guard rest.first == "\"" else {
            let value = rest.removeFirst(while: { $0 != ";" }).trimmingBlanks
            return value.isEmpty || !value.utf8.allSatisfy(\.isToken) ? nil : (name, value)
        }
        rest.removeFirst()
        return quoted(&rest).map { (name, $0) }
    }

    /// The text before the closing quote, after which only blanks may follow.
    private static func quoted(_ rest: inout Substring) -> String? {
        var value = ""
        while let character = rest.popFirst() {
            switch character {
            case "\"": return rest.removeFirst(while: { $0 != ";" }).trimmingBlanks.isEmpty ? value : nil
            case "\\":
                guard let escaped = rest.popFirst() else { return nil }
                value.append(escaped)
            default: value.append(character)
            }
        }
        return nil
    }
}

extension Substring {
    fileprivate mutating func removeFirst(while isPart: (Character) -> Bool) -> Substring {
        let part = prefix(while: isPart)
        self = self[part.endIndex...]
        return part
    }
}

extension ArraySlice<UInt8> {
    /// The first occurrence of `pattern` within the first `limit` bytes.
    fileprivate func range(of pattern: [UInt8], within limit: Int) -> Range<Int>? {
        var start = startIndex
        let last = Swift.min(startIndex + limit, endIndex) - pattern.count
        while start <= last, let candidate = self[start...last].firstIndex(of: pattern[0]) {
            if self[candidate..<candidate + pattern.count].elementsEqual(pattern) {
                return candidate..<candidate + pattern.count
            }
            start = candidate + 1
        }
        return nil
    }
}
