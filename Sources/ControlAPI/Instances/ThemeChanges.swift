import Captive

/// The colours that a body sets, field by field.
struct ThemeChanges: Sendable {
    private var colors: [Color?] = []

    /// The writable fields in documented order, and where each is kept.
    static var fields: [(name: String, place: WritableKeyPath<Theme, Color>)] {
        [
            ("accent_text", \.accentText), ("accent_color", \.accentColor), ("text_color", \.textColor),
            ("secondary_text_color", \.secondaryTextColor), ("background_color", \.backgroundColor),
            ("border_color", \.borderColor), ("box_color", \.boxColor),
        ]
    }

    /// Images are set by upload and may be sent back as they were printed.
    init(from reader: inout FieldReader) {
        for (name, _) in Self.fields { colors.append(reader.optional(name, .color)) }
        reader.ignore("logo", "icon")
    }

    func apply(to theme: inout Theme) {
        for (color, field) in zip(colors, Self.fields) {
            theme[keyPath: field.place] = color ?? theme[keyPath: field.place]
        }
    }
}
