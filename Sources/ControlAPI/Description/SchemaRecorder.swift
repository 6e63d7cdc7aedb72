/// Records the fields that code reads from a `FieldReader`, as the schema of an object.
struct SchemaRecorder {
    private var properties: [Schema.Property] = []
    private var excluded: [(String, String)] = []
    private var either: [(String, String)] = []
    /// The schema of the resource in responses. A field without a description takes that of the field of the same name.
    private let resource: Schema?
    /// The discriminator, and the value that it is assumed to have; nil if it is assumed to be omitted.
    private let assumed: (name: String, value: String?)?

    private init(resource: Schema?, assumed: (name: String, value: String?)? = nil) {
        (self.resource, self.assumed) = (resource, assumed)
    }

    /// Runs `read` without a request and returns the schema of the fields that it reads. With a discriminator, runs
    /// `read` once for each of its values.
    static func schema<Value>(
        resource: Schema?, discriminator name: String?, _ read: (inout FieldReader) -> Value
    ) -> Schema {
        func run(_ assumed: (name: String, value: String?)?) -> Schema {
            var reader = FieldReader(describing: SchemaRecorder(resource: resource, assumed: assumed))
            _ = read(&reader)
            return reader.schema
        }
        let plain = run(nil)
        guard let name, let field = plain.properties.first(where: { $0.name == name }) else { return plain }
        let choices = field.schema.enumValues.map { run((name, $0)) }
        return .oneOf(field.isRequired ? choices : [run((name, nil))] + choices)
    }

    var schema: Schema { .object(properties, excluded: excluded, either: either) }

    /// Returns the assumed value if the field is the discriminator, nil otherwise.
    @discardableResult
    mutating func add(
        _ name: String, _ schema: Schema, _ description: String, isRequired: Bool = false
    ) -> String? {
        guard let assumed, assumed.name == name else {
            properties.append(
                .init(name: name, schema: withDescription(name, schema, description), isRequired: isRequired))
            return nil
        }
        guard let value = assumed.value else { return nil }
        properties.append(
            .init(name: name, schema: withDescription(name, .enumeration([value]), description), isRequired: true))
        return value
    }

    private func withDescription(_ name: String, _ schema: Schema, _ description: String) -> Schema {
        schema.described(description.isEmpty ? resource?.property(name)?.description ?? "" : description)
    }

    /// A field that is accepted and ignored.
    mutating func addIgnored(_ name: String) {
        let description = "Read-only; ignored if sent."
        properties.append(.init(name: name, schema: ["description": .string(description)], isRequired: false))
    }

    mutating func exclude(_ name: String, _ other: String) { excluded.append((name, other)) }

    mutating func require(_ name: String, or other: String) { either.append((name, other)) }

    /// The schema of a field in responses.
    func resource(_ name: String) -> Schema? { resource?.property(name) }
}
