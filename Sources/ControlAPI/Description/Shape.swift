/// How a resource is printed: its fields in the documents' order, each with its schema, a sentence for people, and
/// where its value comes from. It writes answers and describes them.
struct Shape<Value>: Sendable {
    /// The name of its schema in the description, such as `Instance`.
    let name: String
    let fields: [Field]

    struct Field: Sendable {
        let name: String
        let schema: Schema
        let json: @Sendable (Value) -> JSONValue

        /// `schema` is given where it says more than the value's type does, such as a range or a format.
        init<Part: JSONRepresentable>(
            _ name: String, _ sentence: String, schema: Schema = Part.schema,
            _ part: @escaping @Sendable (Value) -> Part
        ) {
            self.name = name
            self.schema = schema.described(sentence)
            json = { part($0).json }
        }

        /// The same field of a value that holds the other one.
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

    /// A reference to the named schema. Every field is always printed; there may be more of them one day.
    var schema: Schema {
        let properties = fields.map { Schema.Property(name: $0.name, schema: $0.schema, isRequired: true) }
        return Schema.object(properties, isClosed: false).named(name)
    }
}

/// A value whose shape needs nothing but the value: parts of resources, mostly.
protocol Shaped: JSONRepresentable {
    static var shape: Shape<Self> { get }
}

extension Shaped {
    static var schema: Schema { shape.schema }
    var json: JSONValue { Self.shape.json(self) }
}
