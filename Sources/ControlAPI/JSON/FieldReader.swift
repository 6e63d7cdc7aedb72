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
    private let isOpen: Bool
    private var known: [String] = []
    private var problems: [APIError] = []
    /// Set if the reader records the schema instead of reading.
    private var description: FieldDescription?

    init(_ members: [JSONValue.Member], path: String = "", isText: Bool = false, isOpen: Bool = false) {
        self.members = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
        names = members.map(\.name)
        self.path = path
        self.isText = isText
        self.isOpen = isOpen
    }

    /// A reader without fields. `schema` describes the fields that were read from it.
    init(describing description: FieldDescription) {
        self.init([])
        self.description = description
    }

    var schema: Schema { description?.schema ?? [:] }

    /// Reads a required field. `sentence` is its description.
    ///
    /// Null is reported as an invalid value, or, with `nullIsMissing`, as a missing field.
    mutating func required<Value>(
        _ name: String, _ rule: Rule<Value>, _ sentence: String = "", nullIsMissing: Bool = false
    ) -> Value? {
        if let word = description?.add(name, rule.schema, sentence, isRequired: true) {
            return rule.read(.string(word))
        }
        return nullIsMissing && members[name] == .null ? missing(name) : read(name, rule, isRequired: true)
    }

    /// Reads an optional field that must not be null.
    mutating func optional<Value>(
        _ name: String, _ rule: Rule<Value>, _ sentence: String = "", nullIsMissing: Bool = false
    ) -> Value? {
        if let word = description?.add(name, rule.schema, sentence) { return rule.read(.string(word)) }
        return nullIsMissing && members[name] == .null ? missing(name) : read(name, rule)
    }

    /// Reads an optional, nullable field. Returns nil if it is omitted or invalid, and `.some(nil)` if it is null.
    mutating func nullable<Value>(_ name: String, _ rule: Rule<Value>, _ sentence: String = "") -> Value?? {
        description?.add(name, rule.schema.nullable, sentence)
        guard members[name] != .null else {
            known.append(name)
            return .some(nil)
        }
        return read(name, rule).map(Optional.some)
    }

    /// Reads a filter in a query. An empty string counts as omitted.
    mutating func filter<Value>(_ name: String, _ rule: Rule<Value>, _ sentence: String = "") -> Value? {
        description?.add(name, rule.schema.orEmpty, sentence)
        guard members[name] != "" else {
            known.append(name)
            return nil
        }
        return read(name, rule)
    }

    /// Reads a nested object with `read`. Returns nil if it is omitted or not an object.
    mutating func object<Value>(
        _ name: String, _ sentence: String = "", _ read: (inout FieldReader) -> Value
    ) -> Value? {
        describe(name, sentence, read)
        known.append(name)
        guard let value = members[name] else { return nil }
        return object(value, at: name, read)
    }

    /// As `object`, for a required object.
    mutating func requiredObject<Value>(
        _ name: String, _ sentence: String = "", _ read: (inout FieldReader) -> Value
    ) -> Value? {
        describe(name, sentence, isRequired: true, read)
        known.append(name)
        guard let value = members[name] else {
            miss(name)
            return nil
        }
        return object(value, at: name, read)
    }

    /// As `object`, for a nullable object: returns `.some(nil)` for null. `deciding` is the object's discriminator.
    mutating func nullableObject<Value>(
        _ name: String, _ sentence: String = "", deciding: String? = nil, _ read: (inout FieldReader) -> Value
    ) -> Value?? {
        describe(name, sentence, deciding: deciding, read) { $0.nullable }
        known.append(name)
        guard let value = members[name] else { return nil }
        return value == .null ? .some(nil) : object(value, at: name, read).map(Optional.some)
    }

    /// Reads a list of at most `maximum` objects. Elements for which `read` returns nil, having reported an error, are
    /// omitted.
    mutating func objects<Value>(
        _ name: String, atMost maximum: Int, _ sentence: String = "", _ read: (inout FieldReader) -> Value?
    ) -> [Value]? {
        describe(name, sentence, read) { .list(of: $0, atMost: maximum) }
        return elements(name, atMost: maximum, of: "objects")?.enumerated().compactMap { index, element in
            object(element, at: "\(name)[\(index)]", read) ?? nil
        }
    }

    /// Reads a required list of at most `maximum` values.
    mutating func list<Value>(
        _ name: String, atMost maximum: Int, _ rule: Rule<Value>, _ sentence: String = ""
    ) -> [Value] {
        description?.add(name, .list(of: rule.schema, atMost: maximum), sentence, isRequired: true)
        if members[name] == nil { miss(name) }
        guard let elements = elements(name, atMost: maximum, of: "values") else { return [] }
        return elements.enumerated().compactMap { index, element in
            guard let value = rule.read(element) else {
                refuse("\(name)[\(index)]", rule.expected)
                return nil
            }
            return value
        }
    }

    /// Accepts and ignores fields: those that a `GET` returns and a `PUT` does not change.
    mutating func ignore(_ names: String...) {
        known += names
        for name in names { description?.addIgnored(name) }
    }

    /// Reports that the value of a field is invalid; `expected` completes "The 'x' parameter must be …".
    mutating func refuse(_ name: String, _ expected: String) { problems.append(.invalid(path + name, expected)) }

    /// Rejects a field if `other` is present too; null counts as omitted.
    mutating func exclude(_ name: String, where other: String) {
        description?.exclude(name, other)
        if has(name), has(other) { refuse(name, "omitted if '\(other)' is present") }
    }

    /// Reports `name` as missing if neither field is present; null counts as omitted.
    mutating func require(_ name: String, or other: String) {
        description?.require(name, or: other)
        if !has(name), !has(other) { miss(name) }
    }

    /// Whether a field is present and not null, valid or not.
    func has(_ name: String) -> Bool { members[name].map { $0 != .null } ?? false }

    /// Reports that a field is missing.
    mutating func miss(_ name: String) { problems.append(.missing(path + name)) }

    /// Throws the first error.
    mutating func finish() throws {
        refuseUnknown()
        if let first = problems.first { throw first }
    }

    private mutating func missing<Value>(_ name: String) -> Value? {
        known.append(name)
        miss(name)
        return nil
    }

    private mutating func read<Value>(_ name: String, _ rule: Rule<Value>, isRequired: Bool = false) -> Value? {
        known.append(name)
        guard let value = members[name] else {
            if isRequired { miss(name) }
            return nil
        }
        guard let read = rule.read(value) ?? (isText ? value.asInteger.flatMap(rule.read) : nil) else {
            refuse(name, rule.expected)
            return nil
        }
        return read
    }

    /// Adds the schema of a nested object, as `read` reads it.
    private mutating func describe<Value>(
        _ name: String, _ sentence: String, isRequired: Bool = false, deciding: String? = nil,
        _ read: (inout FieldReader) -> Value, _ outer: (Schema) -> Schema = { $0 }
    ) {
        guard let description else { return }
        let inner = FieldDescription.schema(printed: description.printed(name), deciding: deciding, read)
        self.description?.add(name, outer(inner), sentence, isRequired: isRequired)
    }

    private mutating func elements(_ name: String, atMost maximum: Int, of kind: String) -> [JSONValue]? {
        known.append(name)
        guard let value = members[name] else { return nil }
        guard case .array(let elements) = value, elements.count <= maximum else {
            refuse(name, "a list of at most \(maximum) \(kind)")
            return nil
        }
        return elements
    }

    private mutating func object<Value>(
        _ value: JSONValue, at name: String, _ read: (inout FieldReader) -> Value
    ) -> Value? {
        guard case .object(let members) = value else {
            refuse(name, "an object")
            return nil
        }
        var reader = FieldReader(members, path: "\(path)\(name).")
        let result = read(&reader)
        reader.refuseUnknown()
        problems += reader.problems
        return result
    }

    /// Reports the first unknown field only, since a body may have very many.
    private mutating func refuseUnknown() {
        guard !isOpen, let name = names.first(where: { !known.contains($0) }) else { return }
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
