/// Reads the query or the JSON body of a request field by field. The reading code is also run once without a request,
/// to derive the schema.
struct Input<Value>: Sendable {
    fileprivate let read: @Sendable (inout FieldReader) -> Value?
    let schema: Schema

    /// `name` is the name of the schema in the description; nil for a query, whose fields become parameters. A field
    /// without a description takes that of the same field in `resource`. `discriminator` names a
    /// field whose value determines how others are read. `read` returns nil only if it has reported an error, or
    /// records the schema.
    init(
        _ name: String? = nil, resource: Schema? = nil, discriminator: String? = nil,
        _ read: @escaping @Sendable (inout FieldReader) -> Value?
    ) {
        self.read = read
        let schema = SchemaRecorder.schema(resource: resource, discriminator: discriminator, read)
        self.schema = name.map(schema.named) ?? schema
    }

    /// Throws the first error.
    func value(from fields: FieldReader) throws -> Value {
        var reader = fields
        let value = read(&reader)
        try reader.finish()
        guard let value else { throw APIError(.parameterInvalid, "The fields of the request contradict each other.") }
        return value
    }
}

extension Input {
    /// Reads this input, then `other`, from the same fields.
    func followed<Other>(by other: Input<Other>) -> Input<(Value, Other)> {
        Input<(Value, Other)> { fields in
            let value = read(&fields)
            let rest = other.read(&fields)
            return value.flatMap { value in rest.map { (value, $0) } }
        }
    }
}

extension Input where Value == Void {
    /// Accepts no fields.
    static var none: Input { Input { _ in () } }
}
