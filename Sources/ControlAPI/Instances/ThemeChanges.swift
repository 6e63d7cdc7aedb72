import Captive

/// The theme colors in a request body; nil for fields that are omitted.
struct ThemeChanges: Sendable {
    private var colors: [Color?] = []

    /// A color field and the property that it sets.
    struct Field: Sendable {
        let name: String
        let sentence: String
        let place: any WritableKeyPath<Theme, Color> & Sendable
    }

    /// In documented order.
    static let fields = [
        Field(name: "accent_text", sentence: "Text on buttons.", place: \.accentText),
        Field(name: "accent_color", sentence: "Buttons and links.", place: \.accentColor),
        Field(name: "text_color", sentence: "Text.", place: \.textColor),
        Field(name: "secondary_text_color", sentence: "Secondary text.", place: \.secondaryTextColor),
        Field(name: "background_color", sentence: "Page background.", place: \.backgroundColor),
        Field(name: "border_color", sentence: "Borders and lines.", place: \.borderColor),
        Field(name: "box_color", sentence: "Background of the content box.", place: \.boxColor),
    ]

    /// `logo` and `icon` are read-only here; images are uploaded.
    init(from reader: inout FieldReader) {
        for field in Self.fields { colors.append(reader.optional(field.name, .color)) }
        reader.ignore("logo", "icon")
    }

    func apply(to theme: inout Theme) {
        for (color, field) in zip(colors, Self.fields) {
            theme[keyPath: field.place] = color ?? theme[keyPath: field.place]
        }
    }
}
