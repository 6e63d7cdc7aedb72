/// The part of a request that is read field by field, its query or its JSON body: the code that reads it is run once
/// without a request, to describe it.
struct Input<Value>: Sendable {
    fileprivate let read: @Sendable (inout FieldReader) -> Value?
    let schema: Schema

    /// `name` is that of its schema in the description; nil for a query, whose fields are described one by one. A field
    /// without a sentence of its own takes that of the field of the same name in `printed`. `deciding` names a field
    /// whose word decides how others are read. `read` answers nil only where it has noted a problem,
    /// or when it describes.
    init(
        _ name: String? = nil, printed: Schema? = nil, deciding: String? = nil,
        _ read: @escaping @Sendable (inout FieldReader) -> Value?
    ) {
        self.read = read
        let schema = FieldDescription.schema(printed: printed, deciding: deciding, read)
        self.schema = name.map(schema.named) ?? schema
    }

    /// Throws the first problem of all that were found.
    func value(from fields: FieldReader) throws -> Value {
        var reader = fields
        let value = read(&reader)
        try reader.finish()
        guard let value else { throw APIError(.parameterInvalid, "The request's fields do not fit together.") }
        return value
    }
}

extension Input {
    /// Reads this, then `other`, of the same fields.
    func followed<Other>(by other: Input<Other>) -> Input<(Value, Other)> {
        Input<(Value, Other)> { fields in
            let value = read(&fields)
            let rest = other.read(&fields)
            return value.flatMap { value in rest.map { (value, $0) } }
        }
    }
}

extension Input where Value == Void {
    /// No field at all.
    static var none: Input { Input { _ in () } }
}
