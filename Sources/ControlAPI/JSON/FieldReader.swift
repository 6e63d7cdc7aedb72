/// Reads the fields of a JSON object one by one, in the order the documents list them, and remembers every problem.
///
/// Each call names one field; `finish` refuses fields that no call named and throws the first problem.
struct FieldReader {
    private let members: [String: JSONValue]
    private let names: [String]
    /// Goes before each name in messages: `` or, for example, `theme.`.
    private let path: String
    private var known: [String] = []
    private var problems: [APIError] = []

    init(_ members: [JSONValue.Member], path: String = "") {
        self.members = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
        names = members.map(\.name)
        self.path = path
    }

    /// A field that must be there.
    mutating func required<Value>(_ name: String, _ rule: Rule<Value>) -> Value? {
        guard members[name] != nil else {
            known.append(name)
            problems.append(.missing(path + name))
            return nil
        }
        return optional(name, rule)
    }

    /// A field that may be left out, but not be null.
    mutating func optional<Value>(_ name: String, _ rule: Rule<Value>) -> Value? {
        known.append(name)
        guard let value = members[name] else { return nil }
        guard let read = rule.read(value) else {
            refuse(name, rule.expected)
            return nil
        }
        return read
    }

    /// A field that may be null: the outer nil says it was left out (or refused), the inner one that it was null.
    mutating func nullable<Value>(_ name: String, _ rule: Rule<Value>) -> Value?? {
        guard members[name] != .null else {
            known.append(name)
            return .some(nil)
        }
        return optional(name, rule).map(Optional.some)
    }

    /// An object inside, read by `read`; nil if it is left out or no object.
    mutating func object<Value>(_ name: String, _ read: (inout FieldReader) -> Value) -> Value? {
        known.append(name)
        guard let value = members[name] else { return nil }
        return object(value, at: name, read)
    }

    /// As `object`, for one that must be there.
    mutating func requiredObject<Value>(_ name: String, _ read: (inout FieldReader) -> Value) -> Value? {
        if members[name] == nil { problems.append(.missing(path + name)) }
        return object(name, read)
    }

    /// As `object`, and null is told apart from left out.
    mutating func nullableObject<Value>(_ name: String, _ read: (inout FieldReader) -> Value) -> Value?? {
        guard members[name] != .null else {
            known.append(name)
            return .some(nil)
        }
        return object(name, read).map(Optional.some)
    }

    /// A list of objects, at most `maximum`; elements that `read` answers nil for are left out, having been refused.
    mutating func objects<Value>(
        _ name: String, atMost maximum: Int, _ read: (inout FieldReader) -> Value?
    ) -> [Value]? {
        elements(name, atMost: maximum, of: "objects")?.enumerated().compactMap { index, element in
            object(element, at: "\(name)[\(index)]", read) ?? nil
        }
    }

    /// A list of values that must be there, 1 to `maximum`.
    mutating func list<Value>(_ name: String, atMost maximum: Int, _ rule: Rule<Value>) -> [Value] {
        if members[name] == nil { problems.append(.missing(path + name)) }
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
    mutating func ignore(_ names: String...) { known += names }

    /// Notes that the value of a field is wrong; `expected` completes "The 'x' parameter must be …".
    mutating func refuse(_ name: String, _ expected: String) { problems.append(.invalid(path + name, expected)) }

    /// Whether a field is there and not null, be it right or wrong.
    func has(_ name: String) -> Bool { members[name].map { $0 != .null } ?? false }

    /// Notes that a field is missing which only others of the body make necessary.
    mutating func miss(_ name: String) { problems.append(.missing(path + name)) }

    /// Throws the first problem of all that were found.
    mutating func finish() throws {
        refuseUnknown()
        if let first = problems.first { throw first }
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

    private mutating func refuseUnknown() {
        for name in names where !known.contains(name) {
            problems.append(.unknown(path + name, nearest: name.nearest(in: known).map { path + $0 }))
        }
    }
}
