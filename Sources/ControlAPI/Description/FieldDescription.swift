/// What a `FieldReader` was asked for, as the schema of an object.
struct FieldDescription {
    private var properties: [Schema.Property] = []
    private var excluded: [(String, String)] = []
    private var either: [(String, String)] = []
    /// How the same resource is printed: fields without a sentence of their own take the one that stands there.
    private let printed: Schema?
    /// The field that decides what else is read, and the word it is taken to hold; nil if it is taken to be left out.
    private let decided: (name: String, word: String?)?

    private init(printed: Schema?, decided: (name: String, word: String?)? = nil) {
        (self.printed, self.decided) = (printed, decided)
    }

    /// Runs `read` without a request and says what it asked for: once, or, where a field decides, once for each word
    /// that the field may hold.
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

    /// Returns the word that the field is taken to hold.
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

    /// A field that is taken and means nothing.
    mutating func addIgnored(_ name: String) {
        let sentence = "What a GET printed may be sent back here; it changes nothing."
        properties.append(.init(name: name, schema: ["description": .string(sentence)], isRequired: false))
    }

    mutating func exclude(_ name: String, _ other: String) { excluded.append((name, other)) }

    mutating func require(_ name: String, or other: String) { either.append((name, other)) }

    /// How the object at a field is printed, or the objects of its list.
    func printed(_ name: String) -> Schema? { printed?.property(name) }
}
