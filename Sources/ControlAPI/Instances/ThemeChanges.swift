import Captive

/// The theme colors in a request body; nil for fields that are omitted.
struct ThemeChanges: Sendable {
    private var colors: [Color?] = []

    /// A color field and the property that it sets.
    struct Field: Sendable {
        let name: String
        let description: String
        let keyPath: any WritableKeyPath<Theme, Color> & Sendable
    }

    /// In documented order.
    static let fields = [
        Field(name: "accent_text", description: "Text on buttons.", keyPath: \.accentText),
        Field(name: "accent_color", description: "Buttons and links.", keyPath: \.accentColor),
        Field(name: "text_color", description: "Text.", keyPath: \.textColor),
        Field(name: "secondary_text_color", description: "Secondary text.", keyPath: \.secondaryTextColor),
        Field(name: "background_color", description: "Page background.", keyPath: \.backgroundColor),
        Field(name: "border_color", description: "Borders and lines.", keyPath: \.borderColor),
        Field(name: "box_color", description: "Background of the content box.", keyPath: \.boxColor),
    ]

    /// `logo` and `icon` are read-only here; images are uploaded.
    init(from reader: inout FieldReader) {
        for field in Self.fields { colors.append(reader.optional(field.name, .color)) }
        reader.ignore("logo", "icon")
    }

    func apply(to theme: inout Theme) {
        for (color, field) in zip(colors, Self.fields) {
            theme[keyPath: field.keyPath] = color ?? theme[keyPath: field.keyPath]
        }
    }
}
