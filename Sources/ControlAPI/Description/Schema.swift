/// A JSON Schema (2020-12), as used by OpenAPI 3.1.
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

    /// An object with these fields, and no others if `isClosed`. `excluded`: at most one of the two fields is present
    /// and not null. `either`: at least one is. Supports at most one pair each.
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

    /// Requires that these fields are present and not null.
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

    static func enumeration(_ values: [String]) -> Schema {
        ["type": "string", "enum": .array(values.map(JSONValue.string))]
    }

    static var boolean: Schema { ["type": "boolean"] }
    static var integer: Schema { ["type": "integer"] }
    static var string: Schema { ["type": "string"] }
    static var id: Schema { ["type": "string", "format": "uuid"] }
    static var time: Schema { ["type": "string", "format": "date-time"] }
    static var uri: Schema { ["type": "string", "format": "uri"] }

    /// A reference to this schema, which is added to `definitions` under `name`.
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

    /// This schema with a description; unchanged if it is empty.
    func described(_ description: String) -> Schema {
        description.isEmpty ? self : replacing("description", by: .string(description))
    }

    /// This schema with the keyword added or replaced.
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

    /// This schema, or an empty string.
    var orEmpty: Schema {
        Schema([("anyOf", .array([Self.empty, json]))], definitions: definitions)
    }

    private static let empty: JSONValue = ["type": "string", "maxLength": 0]

    /// The choices of `anyOf`, except the empty string; none if the value is nullable.
    var alternatives: [Schema] {
        guard unlessNull == nil, self["type"] == nil, case .array(let choices)? = self["anyOf"] else { return [] }
        return choices.filter { $0 != Self.empty }.compactMap(part)
    }

    /// The values of the enumeration; empty if this is none.
    var enumValues: [String] {
        guard case .array(let words)? = self["enum"] else { return [] }
        return words.compactMap { if case .string(let word) = $0 { word } else { nil } }
    }

    /// The description.
    var description: String? {
        if case .string(let text)? = self["description"] { text } else { nil }
    }

    /// The schema of a field of this object, of the referenced object, or of the list's elements.
    func property(_ name: String) -> Schema? { object.properties.first { $0.name == name }?.schema }

    /// The object schema behind a reference, a list or a nullable value.
    private var object: Schema {
        if self["$ref"] != nil { return behindReference.object }
        return (element ?? unlessNull)?.object ?? self
    }

    /// The schema of a list's elements.
    var element: Schema? { self["items"].flatMap(part) }

    /// The schema of the non-null value if this is `anyOf` with null; nil otherwise.
    var unlessNull: Schema? {
        guard case .array(let choices)? = self["anyOf"], choices.last == ["type": "null"] else { return nil }
        return choices.first.flatMap(part)
    }

    /// The choices of `oneOf`.
    var choices: [Schema] {
        if case .array(let choices)? = self["oneOf"] { choices.compactMap(part) } else { [] }
    }

    /// The referenced schema; this schema if it is not a reference.
    var behindReference: Schema {
        guard case .string(let reference)? = self["$ref"], let name = reference.split(separator: "/").last else {
            return self
        }
        return Self.named(String(name), in: definitions)
    }

    /// The definition with this name.
    static func named(_ name: String, in definitions: [String: JSONValue]) -> Schema {
        var schema: Schema = [:]
        schema.definitions = definitions
        return definitions[name].flatMap(schema.part) ?? schema
    }

    /// A nested schema.
    private func part(_ json: JSONValue) -> Schema? {
        guard case .object(let keywords) = json else { return nil }
        var schema = self
        schema.keywords = keywords
        return schema
    }

    /// The fields of this object, in order of declaration.
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
