/// What a `FieldReader` was asked for, as the schema of an object.
struct FieldDescription {
    private var properties: [Schema.Property] = []
    /// How the same resource is printed: fields without a sentence of their own take the one that stands there.
    private let printed: Schema?

    init(printed: Schema?) { self.printed = printed }

    var schema: Schema { .object(properties) }

    mutating func add(_ name: String, _ schema: Schema, _ sentence: String, isRequired: Bool = false) {
        let sentence = sentence.isEmpty ? printed?.property(name)?.sentence ?? "" : sentence
        properties.append(.init(name: name, schema: schema.described(sentence), isRequired: isRequired))
    }

    /// A field that is taken and means nothing.
    mutating func addIgnored(_ name: String) {
        let sentence = "What a GET printed may be sent back here; it changes nothing."
        properties.append(.init(name: name, schema: ["description": .string(sentence)], isRequired: false))
    }

    /// For the object at a field, or for the objects of its list.
    func inside(_ name: String) -> FieldDescription { FieldDescription(printed: printed?.property(name)) }
}
