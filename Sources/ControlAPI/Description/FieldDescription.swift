/// Records the fields that code reads from a `FieldReader`, as the schema of an object.
struct FieldDescription {
    private var properties: [Schema.Property] = []
    private var excluded: [(String, String)] = []
    private var either: [(String, String)] = []
    /// The schema of the resource in responses. A field without a description takes that of the field of the same name.
    private let printed: Schema?
    /// The discriminator, and the value that it is assumed to have; nil if it is assumed to be omitted.
    private let decided: (name: String, word: String?)?

    private init(printed: Schema?, decided: (name: String, word: String?)? = nil) {
        (self.printed, self.decided) = (printed, decided)
    }

    /// Runs `read` without a request and returns the schema of the fields that it reads. With a discriminator, runs
    /// `read` once for each of its values.
    static func schema<Value>(
        printed: Schema?, deciding name: String?, _ read: (inout FieldReader) -> Value
    ) -> Schema {
        func run(_ decided: (name: String, word: String?)?) -> Schema {
            var reader = FieldReader(describing: FieldDescription(printed: printed, decided: decided))
            _ = read(&reader)
            return reader.schema
        }
        let plain = run(nil)
        guard let name, let field = plain.properties.first(where: { $0.name == name }) else { return plain }
        let words = field.schema.words.map { run((name, $0)) }
        return .oneOf(field.isRequired ? words : [run((name, nil))] + words)
    }

    var schema: Schema { .object(properties, excluded: excluded, either: either) }

    /// Returns the assumed value if the field is the discriminator, nil otherwise.
    @discardableResult
    mutating func add(
        _ name: String, _ schema: Schema, _ sentence: String, isRequired: Bool = false
    ) -> String? {
        guard let decided, decided.name == name else {
            properties.append(.init(name: name, schema: told(name, schema, sentence), isRequired: isRequired))
            return nil
        }
        guard let word = decided.word else { return nil }
        properties.append(.init(name: name, schema: told(name, .words([word]), sentence), isRequired: true))
        return word
    }

    private func told(_ name: String, _ schema: Schema, _ sentence: String) -> Schema {
        schema.described(sentence.isEmpty ? printed?.property(name)?.sentence ?? "" : sentence)
    }

    /// A field that is accepted and ignored.
    mutating func addIgnored(_ name: String) {
        let sentence = "Read-only; ignored if sent."
        properties.append(.init(name: name, schema: ["description": .string(sentence)], isRequired: false))
    }

    mutating func exclude(_ name: String, _ other: String) { excluded.append((name, other)) }

    mutating func require(_ name: String, or other: String) { either.append((name, other)) }

    /// The schema of a field in responses.
    func printed(_ name: String) -> Schema? { printed?.property(name) }
}
