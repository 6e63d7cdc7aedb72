import Captive

/// The colours that a body sets, field by field.
struct ThemeChanges: Sendable {
    private var colors: [Color?] = []

    /// A colour that can be set, and where it is kept.
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
        Field(name: "secondary_text_color", sentence: "Less important text.", place: \.secondaryTextColor),
        Field(name: "background_color", sentence: "The page.", place: \.backgroundColor),
        Field(name: "border_color", sentence: "Lines.", place: \.borderColor),
        Field(name: "box_color", sentence: "The box that holds the text.", place: \.boxColor),
    ]

    /// Images are set by upload and may be sent back as they were printed.
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
