package import Foundation
package import Images

extension ThemeImage {
    /// The uses of an image in a theme.
    package enum Kind: String, Sendable, CaseIterable {
        case logo, icon

        /// The property of a theme for this kind.
        package var property: WritableKeyPath<Theme, ThemeImage?> { self == .logo ? \.logo : \.icon }

        /// Throws `.wrongSize` for an image that is too small, or an icon that is not square.
        package func check(_ picture: Image) throws(ImageError) {
            let size = "it has \(picture.width) x \(picture.height)"
            switch self {
            case .logo where picture.width < 120 || picture.height < 80:
                throw .wrongSize("A logo needs at least 120 x 80 pixels; \(size).")
            case .icon where picture.width < 32 || picture.width != picture.height:
                throw .wrongSize("An icon must be square, with at least 32 x 32 pixels; \(size).")
            case .logo, .icon: return
            }
        }
    }

    package init(id: UUID, of picture: Image) {
        self.init(id: id, mediaType: picture.format.mediaType, width: picture.width, height: picture.height)
    }

    /// The path at which the image is served, unsigned: `/captive/assets/{id}/{kind}.{extension}`.
    package func path(as kind: Kind) -> String {
        let suffix = Image.Format(mediaType: mediaType)?.fileExtension ?? "bin"
        return "/captive/assets/\(id.text)/\(kind.rawValue).\(suffix)"
    }
}

/// The bytes of a theme image as they are served.
package struct StoredImage: Sendable, Equatable {
    package let id: UUID
    package let mediaType: String
    package let bytes: [UInt8]

    package init(id: UUID, mediaType: String, bytes: [UInt8]) {
        self.id = id
        self.mediaType = mediaType
        self.bytes = bytes
    }
}
