/// Reads the fields of a JSON object one by one, in documented order, and collects errors.
///
/// Each call reads one field. `finish` rejects fields that no call has read, and throws the first error.
struct FieldReader {
    private let members: [String: JSONValue]
    private let names: [String]
    /// The prefix of field names in messages, such as `theme.`; empty for the top level.
    private let path: String
    /// Whether all values are strings, as in a query.
    private let isText: Bool
    /// Whether unknown fields are ignored rather than rejected.
    private let ignoresUnknown: Bool
    private var known: [String] = []
    private var problems: [APIError] = []
    /// Set if the reader records the schema instead of reading.
    private var recorder: SchemaRecorder?

    init(_ members: [JSONValue.Member], path: String = "", isText: Bool = false, ignoresUnknown: Bool = false) {
        self.members = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
        names = members.map(\.name)
        self.path = path
        self.isText = isText
        self.ignoresUnknown = ignoresUnknown
    }

    /// A reader without fields. `schema` describes the fields that were read from it.
    init(describing recorder: SchemaRecorder) {
        self.init([])
        self.recorder = recorder
    }

    var schema: Schema { recorder?.schema ?? [:] }

    /// Reads a required field.
    ///
    /// Null is reported as an invalid value, or, with `nullIsMissing`, as a missing field.
    mutating func required<Value>(
        _ name: String, _ rule: Rule<Value>, _ description: String = "", nullIsMissing: Bool = false
    ) -> Value? {
        if let value = recorder?.add(name, rule.schema, description, isRequired: true) {
            return rule.read(.string(value))
        }
        return nullIsMissing && members[name] == .null ? missing(name) : read(name, rule, isRequired: true)
    }

    /// Reads an optional field that must not be null.
    mutating func optional<Value>(
        _ name: String, _ rule: Rule<Value>, _ description: String = "", nullIsMissing: Bool = false
    ) -> Value? {
        if let value = recorder?.add(name, rule.schema, description) { return rule.read(.string(value)) }
        return nullIsMissing && members[name] == .null ? missing(name) : read(name, rule)
    }

    /// Reads an optional, nullable field. Returns nil if it is omitted or invalid, and `.some(nil)` if it is null.
    mutating func nullable<Value>(_ name: String, _ rule: Rule<Value>, _ description: String = "") -> Value?? {
        recorder?.add(name, rule.schema.nullable, description)
        guard members[name] != .null else {
            known.append(name)
            return .some(nil)
        }
        return read(name, rule).map(Optional.some)
    }

    /// Reads a filter in a query. An empty string counts as omitted.
    mutating func filter<Value>(_ name: String, _ rule: Rule<Value>, _ description: String = "") -> Value? {
        recorder?.add(name, rule.schema.orEmpty, description)
        guard members[name] != "" else {
            known.append(name)
            return nil
        }
        return read(name, rule)
    }

    /// Reads a nested object with `read`. Returns nil if it is omitted or not an object.
    mutating func object<Value>(
        _ name: String, _ description: String = "", _ read: (inout FieldReader) -> Value
    ) -> Value? {
        describe(name, description, read)
        known.append(name)
        guard let value = members[name] else { return nil }
        return object(value, at: name, read)
    }

    /// As `object`, for a required object.
    mutating func requiredObject<Value>(
        _ name: String, _ description: String = "", _ read: (inout FieldReader) -> Value
    ) -> Value? {
        describe(name, description, isRequired: true, read)
        known.append(name)
        guard let value = members[name] else {
            reportMissing(name)
            return nil
        }
        return object(value, at: name, read)
    }

    /// As `object`, for a nullable object: returns `.some(nil)` for null. `discriminator` names a
    /// nested field whose value determines how others are read.
    mutating func nullableObject<Value>(
        _ name: String, _ description: String = "", discriminator: String? = nil, _ read: (inout FieldReader) -> Value
    ) -> Value?? {
        describe(name, description, discriminator: discriminator, read) { $0.nullable }
        known.append(name)
        guard let value = members[name] else { return nil }
        return value == .null ? .some(nil) : object(value, at: name, read).map(Optional.some)
    }

    /// Reads a list of at most `maximum` objects. Elements for which `read` returns nil, having reported an error, are
    /// omitted.
    mutating func objects<Value>(
        _ name: String, atMost maximum: Int, _ description: String = "", _ read: (inout FieldReader) -> Value?
    ) -> [Value]? {
        describe(name, description, read) { .list(of: $0, atMost: maximum) }
        return elements(name, atMost: maximum, of: "objects")?.enumerated().compactMap { index, element in
            object(element, at: "\(name)[\(index)]", read) ?? nil
        }
    }

    /// Reads a required list of at most `maximum` values.
    mutating func list<Value>(
        _ name: String, atMost maximum: Int, _ rule: Rule<Value>, _ description: String = ""
    ) -> [Value] {
        recorder?.add(name, .list(of: rule.schema, atMost: maximum), description, isRequired: true)
        if members[name] == nil { reportMissing(name) }
        guard let elements = elements(name, atMost: maximum, of: "values") else { return [] }
        return elements.enumerated().compactMap { index, element in
            guard let value = rule.read(element) else {
                reject("\(name)[\(index)]", rule.expected)
                return nil
            }
            return value
        }
    }

    /// Accepts and ignores fields: those that a `GET` returns and a `PUT` does not change.
    mutating func ignore(_ names: String...) {
        known += names
        for name in names { recorder?.addIgnored(name) }
    }

    /// Reports that the value of a field is invalid; `expected` completes "The 'x' parameter must be …".
    mutating func reject(_ name: String, _ expected: String) { problems.append(.invalid(path + name, expected)) }

    /// Rejects a field if `other` is present too; null counts as omitted.
    mutating func exclude(_ name: String, where other: String) {
        recorder?.exclude(name, other)
        if has(name), has(other) { reject(name, "omitted if '\(other)' is present") }
    }

    /// Reports `name` as missing if neither field is present; null counts as omitted.
    mutating func require(_ name: String, or other: String) {
        recorder?.require(name, or: other)
        if !has(name), !has(other) { reportMissing(name) }
    }

    /// Whether a field is present and not null, valid or not.
    func has(_ name: String) -> Bool { members[name].map { $0 != .null } ?? false }

    /// Reports that a field is missing.
    mutating func reportMissing(_ name: String) { problems.append(.missing(path + name)) }

    /// Throws the first error.
    mutating func finish() throws {
        rejectUnknown()
        if let first = problems.first { throw first }
    }

    private mutating func missing<Value>(_ name: String) -> Value? {
        known.append(name)
        reportMissing(name)
        return nil
    }

    private mutating func read<Value>(_ name: String, _ rule: Rule<Value>, isRequired: Bool = false) -> Value? {
        known.append(name)
        guard let value = members[name] else {
            if isRequired { reportMissing(name) }
            return nil
        }
        guard let read = rule.read(value) ?? (isText ? value.asInteger.flatMap(rule.read) : nil) else {
            reject(name, rule.expected)
            return nil
        }
        return read
    }

    /// Adds the schema of a nested object, as `read` reads it.
    private mutating func describe<Value>(
        _ name: String, _ description: String, isRequired: Bool = false, discriminator: String? = nil,
        _ read: (inout FieldReader) -> Value, _ outer: (Schema) -> Schema = { $0 }
    ) {
        guard let recorder else { return }
        let inner = SchemaRecorder.schema(resource: recorder.resource(name), discriminator: discriminator, read)
        self.recorder?.add(name, outer(inner), description, isRequired: isRequired)
    }

    private mutating func elements(_ name: String, atMost maximum: Int, of kind: String) -> [JSONValue]? {
        known.append(name)
        guard let value = members[name] else { return nil }
        guard case .array(let elements) = value, elements.count <= maximum else {
            reject(name, "a list of at most \(maximum) \(kind)")
            return nil
        }
        return elements
    }

    private mutating func object<Value>(
        _ value: JSONValue, at name: String, _ read: (inout FieldReader) -> Value
    ) -> Value? {
        guard case .object(let members) = value else {
            reject(name, "an object")
            return nil
        }
        var reader = FieldReader(members, path: "\(path)\(name).")
        let result = read(&reader)
        reader.rejectUnknown()
        problems += reader.problems
        return result
    }

    /// Reports the first unknown field only, since a body may have very many.
    private mutating func rejectUnknown() {
        guard !ignoresUnknown, let name = names.first(where: { !known.contains($0) }) else { return }
        problems.append(.unknown(path + name, nearest: name.nearest(in: known).map { path + $0 }))
    }
}

extension JSONValue {
    /// The integer in a string of a query.
    fileprivate var asInteger: JSONValue? {
        // Safe because the rule of the field bounds it.
        guard case .string(let text) = self, let number = Int(text), String(number) == text else { return nil }
        return .integer(number)
    }
}
