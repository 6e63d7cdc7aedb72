/// Reads the fields of a JSON object one by one, in the order the documents list them, and remembers every problem.
///
/// Each call names one field; `finish` refuses fields that no call named and throws the first problem.
struct FieldReader {
    private let members: [String: JSONValue]
    private let names: [String]
    /// Goes before each name in messages: `` or, for example, `theme.`.
    private let path: String
    /// Whether every value came as text, as those of a query do.
    private let isText: Bool
    /// Whether fields that no call named are passed over.
    private let isOpen: Bool
    private var known: [String] = []
    private var problems: [APIError] = []
    /// Set where nothing is read, but what would be read is described.
    private var description: FieldDescription?

    init(_ members: [JSONValue.Member], path: String = "", isText: Bool = false, isOpen: Bool = false) {
        self.members = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
        names = members.map(\.name)
        self.path = path
        self.isText = isText
        self.isOpen = isOpen
    }

    /// A reader of nothing, whose `schema` says afterwards what was asked for.
    init(describing description: FieldDescription) {
        self.init([])
        self.description = description
    }

    var schema: Schema { description?.schema ?? [:] }

    /// A field that must be there. `sentence` says to people what it is for.
    ///
    /// Null is refused as something that the rule does not take, or, with `nullIsMissing`, as nothing.
    mutating func required<Value>(
        _ name: String, _ rule: Rule<Value>, _ sentence: String = "", nullIsMissing: Bool = false
    ) -> Value? {
        if let word = description?.add(name, rule.schema, sentence, isRequired: true) {
            return rule.read(.string(word))
        }
        return nullIsMissing && members[name] == .null ? missing(name) : read(name, rule, isRequired: true)
    }

    /// A field that may be left out, but not be null.
    mutating func optional<Value>(
        _ name: String, _ rule: Rule<Value>, _ sentence: String = "", nullIsMissing: Bool = false
    ) -> Value? {
        if let word = description?.add(name, rule.schema, sentence) { return rule.read(.string(word)) }
        return nullIsMissing && members[name] == .null ? missing(name) : read(name, rule)
    }

    /// A field that may be null: the outer nil says it was left out (or refused), the inner one that it was null.
    mutating func nullable<Value>(_ name: String, _ rule: Rule<Value>, _ sentence: String = "") -> Value?? {
        description?.add(name, rule.schema.nullable, sentence)
        guard members[name] != .null else {
            known.append(name)
            return .some(nil)
        }
        return read(name, rule).map(Optional.some)
    }

    /// A field for choosing: an empty text does not matter.
    mutating func filter<Value>(_ name: String, _ rule: Rule<Value>, _ sentence: String = "") -> Value? {
        description?.add(name, rule.schema.orEmpty, sentence)
        guard members[name] != "" else {
            known.append(name)
            return nil
        }
        return read(name, rule)
    }

    /// An object inside, read by `read`; nil if it is left out or no object.
    mutating func object<Value>(
        _ name: String, _ sentence: String = "", _ read: (inout FieldReader) -> Value
    ) -> Value? {
        describe(name, sentence, read)
        known.append(name)
        guard let value = members[name] else { return nil }
        return object(value, at: name, read)
    }

    /// As `object`, for one that must be there.
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

    /// As `object`, and null is told apart from left out. `deciding` names a field inside that others depend on.
    mutating func nullableObject<Value>(
        _ name: String, _ sentence: String = "", deciding: String? = nil, _ read: (inout FieldReader) -> Value
    ) -> Value?? {
        describe(name, sentence, deciding: deciding, read) { $0.nullable }
        known.append(name)
        guard let value = members[name] else { return nil }
        return value == .null ? .some(nil) : object(value, at: name, read).map(Optional.some)
    }

    /// A list of objects, at most `maximum`; elements that `read` answers nil for are left out, having been refused.
    mutating func objects<Value>(
        _ name: String, atMost maximum: Int, _ sentence: String = "", _ read: (inout FieldReader) -> Value?
    ) -> [Value]? {
        describe(name, sentence, read) { .list(of: $0, atMost: maximum) }
        return elements(name, atMost: maximum, of: "objects")?.enumerated().compactMap { index, element in
            object(element, at: "\(name)[\(index)]", read) ?? nil
        }
    }

    /// A list of values that must be there, up to `maximum`.
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

    /// Fields that may be there and mean nothing here: what a `GET` prints and no `PUT` changes.
    mutating func ignore(_ names: String...) {
        known += names
        for name in names { description?.addIgnored(name) }
    }

    /// Notes that the value of a field is wrong; `expected` completes "The 'x' parameter must be …".
    mutating func refuse(_ name: String, _ expected: String) { problems.append(.invalid(path + name, expected)) }

    /// Refuses a field where another is there, both being not null.
    mutating func exclude(_ name: String, where other: String) {
        description?.exclude(name, other)
        if has(name), has(other) { refuse(name, "left out where '\(other)' is given") }
    }

    /// Refuses an object that has neither of two fields, null being nothing; speaks of the first.
    mutating func require(_ name: String, or other: String) {
        description?.require(name, or: other)
        if !has(name), !has(other) { miss(name) }
    }

    /// Whether a field is there and not null, be it right or wrong.
    func has(_ name: String) -> Bool { members[name].map { $0 != .null } ?? false }

    /// Notes that a field is missing which only others of the body make necessary.
    mutating func miss(_ name: String) { problems.append(.missing(path + name)) }

    /// Throws the first problem of all that were found.
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

    /// Lets `read` describe what an object inside may hold.
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

    /// Names the first unknown field alone, since a body may have very many.
    private mutating func refuseUnknown() {
        guard !isOpen, let name = names.first(where: { !known.contains($0) }) else { return }
        problems.append(.unknown(path + name, nearest: name.nearest(in: known).map { path + $0 }))
    }
}

extension JSONValue {
    /// The integer that a text of a query spells.
    fileprivate var asInteger: JSONValue? {
        // Safe because the field's own rule bounds it.
        guard case .string(let text) = self, let number = Int(text), String(number) == text else { return nil }
        return .integer(number)
    }
}
