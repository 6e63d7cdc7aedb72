package import Foundation

/// The colours and images of guest pages. The defaults are those of the documentation.
package struct Theme: Sendable, Equatable {
    package var accentText: Color
    package var accentColor: Color
    package var textColor: Color
    package var secondaryTextColor: Color
    package var backgroundColor: Color
    package var borderColor: Color
    package var boxColor: Color
    package var logo: ThemeImage?
    package var icon: ThemeImage?

    package init() {
        accentText = Color(red: 0xFF, green: 0xFF, blue: 0xFF)
        accentColor = Color(red: 0x03, green: 0x96, blue: 0xD5)
        textColor = Color(red: 0x4F, green: 0x4F, blue: 0x4F)
        secondaryTextColor = Color(red: 0x8F, green: 0x8F, blue: 0x8F)
        backgroundColor = Color(red: 0xF9, green: 0xF9, blue: 0xF9)
        borderColor = Color(red: 0xE0, green: 0xE0, blue: 0xE0)
        boxColor = Color(red: 0xFF, green: 0xFF, blue: 0xFF)
    }
}

/// An uploaded logo or icon. The bytes are stored separately under `id`.
package struct ThemeImage: Sendable, Equatable {
    package var id: UUID
    /// One of `image/png`, `image/jpeg`, `image/webp`, `image/gif`.
    package var mediaType: String
    /// Pixels.
    package var width: Int
    package var height: Int

    package init(id: UUID, mediaType: String, width: Int, height: Int) {
        self.id = id
        self.mediaType = mediaType
        self.width = width
        self.height = height
    }
}
