/// A short text for a schema, such as `integer, 1 to 500` or `id or null`, and an example value.
struct SchemaSummary {
    let schema: Schema

    /// The name of the referenced definition; nil if there is none.
    var reference: String? {
        if case .string(let text)? = schema["$ref"] { return text.split(separator: "/").last.map(String.init) }
        return (schema.element ?? schema.unlessNull).flatMap { SchemaSummary(schema: $0).reference }
    }

    /// The reference if it is to an object; enumerations have no section on the page.
    var shape: String? {
        if schema["$ref"] != nil { return schema.behindReference.properties.isEmpty ? nil : reference }
        return (schema.element ?? schema.unlessNull).flatMap { SchemaSummary(schema: $0).shape }
    }

    var text: String {
        if let inner = schema.unlessNull { return SchemaSummary(schema: inner).text + " or null" }
        if !schema.alternatives.isEmpty {
            return schema.alternatives.map { SchemaSummary(schema: $0).text }.joined(separator: " or ")
        }
        if let element = schema.element { return "list of " + SchemaSummary(schema: element).text }
        if let reference { return reference }
        if !schema.enumValues.isEmpty {
            return schema.enumValues.joined(separator: " | ") + (isNullable ? " | null" : "")
        }
        guard let type else { return schema["oneOf"] == nil ? "anything" : "object" }
        return (type == "string" ? format ?? "text" : type) + range + (isNullable && type != "null" ? " or null" : "")
    }

    private var types: [String] {
        switch schema["type"] {
        case .string(let type): [type]
        case .array(let types): types.compactMap { if case .string(let type) = $0 { type } else { nil } }
        default: []
        }
    }

    private var type: String? { types.first }
    private var isNullable: Bool { types.contains("null") }

    private var format: String? {
        guard case .string(let format)? = schema["format"] else { return nil }
        return ["date-time": "time", "uri": "address", "uuid": "id"][format] ?? format
    }

    private var range: String {
        guard case .integer(let least)? = schema["minimum"], case .integer(let most)? = schema["maximum"] else {
            if case .array(let examples)? = schema["examples"], case .string(let example)? = examples.first {
                return ", such as \(example)"
            }
            if case .integer(let length)? = schema["maxLength"] { return ", at most \(length) characters" }
            return ""
        }
        return ", \(least) to \(most)"
    }

    /// A valid value: the first example, enumeration value or bound. For an object: the required fields, or else the
    /// first two.
    var example: JSONValue {
        if case .array(let examples)? = schema["examples"], let first = examples.first { return first }
        if let value = schema.enumValues.first { return .string(value) }
        if let element = schema.element { return [SchemaSummary(schema: element).example] }
        if let inner = schema.unlessNull { return SchemaSummary(schema: inner).example }
        if schema["$ref"] != nil { return SchemaSummary(schema: schema.behindReference).example }
        if let choice = schema.choices.first { return SchemaSummary(schema: choice).example }
        if case .integer(let least)? = schema["minimum"] { return .integer(least) }
        if !schema.properties.isEmpty { return exampleObject }
        return format == "id" ? "3c90c3cc-0d44-4b50-8888-8dd25736052a" : type == "null" ? .null : "text"
    }

    private var exampleObject: JSONValue {
        let properties = schema.properties
        let required = properties.filter(\.isRequired)
        let shown = required.isEmpty ? Array(properties.filter { $0.schema["type"] != nil }.prefix(2)) : required
        return .object(shown.map { .init(name: $0.name, value: SchemaSummary(schema: $0.schema).example) })
    }
}
