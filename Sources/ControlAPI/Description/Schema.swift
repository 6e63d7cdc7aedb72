/// What a JSON value may be, in the words of JSON Schema 2020-12, as OpenAPI 3.1 takes them.
struct Schema: Sendable, Equatable, ExpressibleByDictionaryLiteral {
    private(set) var keywords: [JSONValue.Member]
    /// The named schemas that this one refers to, directly or through others.
    private(set) var definitions: [String: JSONValue] = [:]

    init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }

    private init(_ keywords: [(String, JSONValue)], definitions: [String: JSONValue] = [:]) {
        self.keywords = keywords.map { .init(name: $0.0, value: $0.1) }
        self.definitions = definitions
    }

    var json: JSONValue { .object(keywords) }

    subscript(keyword: String) -> JSONValue? { keywords.first { $0.name == keyword }?.value }
}

extension Schema {
    /// One field of an object.
    struct Property: Sendable {
        let name: String
        var schema: Schema
        let isRequired: Bool
    }

    /// An object with these fields and no other. Of a pair in `excluded` one is null or left out, of one in `either`
    /// one is neither; at most one pair each.
    static func object(
        _ properties: [Property], excluded: [(String, String)] = [], either: [(String, String)] = [],
        isClosed: Bool = true
    ) -> Schema {
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
        var keywords: [(String, JSONValue)] = [
            ("type", "object"),
            ("properties", .object(properties.map { .init(name: $0.name, value: $0.schema.json) })),
        ]
        if !required.isEmpty { keywords.append(("required", .array(required))) }
        if isClosed { keywords.append(("additionalProperties", .bool(false))) }
        if let (first, second) = excluded.first { keywords.append(("not", filled(first, second))) }
        if let (first, second) = either.first { keywords.append(("anyOf", [filled(first), filled(second)])) }
        return Schema(keywords, definitions: Self.definitions(of: properties.map(\.schema)))
    }

    /// What says that these fields are there and not null.
    private static func filled(_ names: String...) -> JSONValue {
        [
            "required": .array(names.map(JSONValue.string)),
            "properties": .object(names.map { .init(name: $0, value: ["not": ["type": "null"]]) }),
        ]
    }

    static func list(of element: Schema, atLeast minimum: Int? = nil, atMost maximum: Int? = nil) -> Schema {
        var keywords: [(String, JSONValue)] = [("type", "array"), ("items", element.json)]
        if let minimum { keywords.append(("minItems", .integer(minimum))) }
        if let maximum { keywords.append(("maxItems", .integer(maximum))) }
        return Schema(keywords, definitions: element.definitions)
    }

    /// Exactly one of these.
    static func oneOf(_ choices: [Schema]) -> Schema {
        Schema([("oneOf", .array(choices.map(\.json)))], definitions: definitions(of: choices))
    }

    static func words(_ words: [String]) -> Schema {
        ["type": "string", "enum": .array(words.map(JSONValue.string))]
    }

    static var boolean: Schema { ["type": "boolean"] }
    static var integer: Schema { ["type": "integer"] }
    static var string: Schema { ["type": "string"] }
    static var id: Schema { ["type": "string", "format": "uuid"] }
    static var time: Schema { ["type": "string", "format": "date-time"] }
    static var uri: Schema { ["type": "string", "format": "uri"] }

    /// This schema, kept under a name and referred to by it.
    func named(_ name: String) -> Schema {
        let definitions = definitions.merging([name: json]) { first, _ in first }
        return Schema([("$ref", .string("#/components/schemas/\(name)"))], definitions: definitions)
    }

    /// This schema, or null.
    var nullable: Schema {
        guard case .string(let type)? = self["type"] else {
            let either: JSONValue = .array([json, ["type": "null"]])
            return Schema([("anyOf", either)], definitions: definitions)
        }
        var schema = replacing("type", by: .array([.string(type), "null"]))
        if case .array(let words)? = self["enum"] { schema = schema.replacing("enum", by: .array(words + [.null])) }
        return schema
    }

    /// This schema with a sentence for people; an empty one changes nothing.
    func described(_ sentence: String) -> Schema {
        sentence.isEmpty ? self : replacing("description", by: .string(sentence))
    }

    /// This schema with a keyword more, or with another value for one it has.
    func replacing(_ keyword: String, by value: JSONValue) -> Schema {
        var schema = self
        let member = JSONValue.Member(name: keyword, value: value)
        if let index = keywords.firstIndex(where: { $0.name == keyword }) {
            schema.keywords[index] = member
        } else {
            schema.keywords.append(member)
        }
        return schema
    }

    /// This schema, or an empty text.
    var orEmpty: Schema {
        Schema([("anyOf", .array([Self.empty, json]))], definitions: definitions)
    }

    private static let empty: JSONValue = ["type": "string", "maxLength": 0]

    /// What this may be where it may be one of several, but for an empty text; none where it may be null.
    var alternatives: [Schema] {
        guard unlessNull == nil, self["type"] == nil, case .array(let choices)? = self["anyOf"] else { return [] }
        return choices.filter { $0 != Self.empty }.compactMap(part)
    }

    /// The words that this may be.
    var words: [String] {
        guard case .array(let words)? = self["enum"] else { return [] }
        return words.compactMap { if case .string(let word) = $0 { word } else { nil } }
    }

    /// The description.
    var sentence: String? {
        if case .string(let text)? = self["description"] { text } else { nil }
    }

    /// The schema of a field of this object, of the object this refers to, or of the objects it lists.
    func property(_ name: String) -> Schema? { object.properties.first { $0.name == name }?.schema }

    /// The object behind a reference, a list or what may be null.
    private var object: Schema {
        if self["$ref"] != nil { return behindReference.object }
        return (element ?? unlessNull)?.object ?? self
    }

    /// The schema of a list's elements.
    var element: Schema? { self["items"].flatMap(part) }

    /// What this is if it is not null, where that needs saying.
    var unlessNull: Schema? {
        guard case .array(let choices)? = self["anyOf"], choices.last == ["type": "null"] else { return nil }
        return choices.first.flatMap(part)
    }

    /// The choices of `oneOf`.
    var choices: [Schema] {
        if case .array(let choices)? = self["oneOf"] { choices.compactMap(part) } else { [] }
    }

    /// What is kept under the name that this refers to; itself where it refers to none.
    var behindReference: Schema {
        guard case .string(let reference)? = self["$ref"], let name = reference.split(separator: "/").last else {
            return self
        }
        return Self.named(String(name), in: definitions)
    }

    /// The schema kept under a name.
    static func named(_ name: String, in definitions: [String: JSONValue]) -> Schema {
        var schema: Schema = [:]
        schema.definitions = definitions
        return definitions[name].flatMap(schema.part) ?? schema
    }

    /// A schema inside this one.
    private func part(_ json: JSONValue) -> Schema? {
        guard case .object(let keywords) = json else { return nil }
        var schema = self
        schema.keywords = keywords
        return schema
    }

    /// The fields of this object, in order.
    var properties: [Property] {
        guard case .object(let members)? = self["properties"] else { return [] }
        let required: [JSONValue] = if case .array(let names)? = self["required"] { names } else { [] }
        return members.compactMap { member in
            part(member.value).map {
                Property(name: member.name, schema: $0, isRequired: required.contains(.string(member.name)))
            }
        }
    }

    func removing(_ keyword: String) -> Schema {
        var schema = self
        schema.keywords.removeAll { $0.name == keyword }
        return schema
    }

    static func definitions(of schemas: [Schema]) -> [String: JSONValue] {
        schemas.reduce(into: [:]) { all, schema in all.merge(schema.definitions) { first, _ in first } }
    }
}
