/// The JSON representation of a resource: its fields in documented order, each with a schema, a description and a
/// getter. Used to write responses and to describe them.
struct Shape<Value>: Sendable {
    /// The name of its schema in the description, such as `Instance`.
    let name: String
    let fields: [Field]

    struct Field: Sendable {
        let name: String
        let schema: Schema
        let json: @Sendable (Value) -> JSONValue

        /// `schema` defaults to that of the value's type.
        init<Part: JSONRepresentable>(
            _ name: String, _ description: String, schema: Schema = Part.schema,
            _ part: @escaping @Sendable (Value) -> Part
        ) {
            self.name = name
            self.schema = schema.described(description)
            json = { part($0).json }
        }

        /// The same field for a value that contains the inner value.
        init<Inner>(_ field: Shape<Inner>.Field, of inner: @escaping @Sendable (Value) -> Inner) {
            (name, schema) = (field.name, field.schema)
            json = { field.json(inner($0)) }
        }
    }

    init(_ name: String, _ fields: [Field]) {
        self.name = name
        self.fields = fields
    }

    func json(_ value: Value) -> JSONValue {
        .object(fields.map { .init(name: $0.name, value: $0.json(value)) })
    }

    /// A reference to the named schema. All fields are always present. New fields may be added, so the schema is open.
    var schema: Schema {
        let properties = fields.map { Schema.Property(name: $0.name, schema: $0.schema, isRequired: true) }
        return Schema.object(properties, isClosed: false).named(name)
    }
}

/// A value whose representation depends on the value only.
protocol Shaped: JSONRepresentable {
    static var shape: Shape<Self> { get }
}

extension Shaped {
    static var schema: Schema { shape.schema }
    var json: JSONValue { Self.shape.json(self) }
}
