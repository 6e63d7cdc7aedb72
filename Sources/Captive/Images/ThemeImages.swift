package import Foundation

extension ThemeImage {
    /// The places of a theme that take an image.
    package enum Kind: String, Sendable, CaseIterable {
        case logo, icon

        /// Where a theme has it.
        package var place: WritableKeyPath<Theme, ThemeImage?> { self == .logo ? \.logo : \.icon }

        /// Throws `.misfit` for a picture that is too small, or an icon that is not square.
        package func check(_ picture: Picture) throws(PictureRefusal) {
            let size = "it has \(picture.width) x \(picture.height)"
            switch self {
            case .logo where picture.width < 120 || picture.height < 80:
                throw .misfit("A logo needs at least 120 x 80 pixels; \(size).")
            case .icon where picture.width < 32 || picture.width != picture.height:
                throw .misfit("An icon must be square, with at least 32 x 32 pixels; \(size).")
            case .logo, .icon: return
            }
        }
    }

    package init(id: UUID, of picture: Picture) {
        self.init(id: id, mediaType: picture.format.mediaType, width: picture.width, height: picture.height)
    }

    /// The path at which the image is served, unsigned: `/captive/assets/{id}/{kind}.{extension}`.
    package func path(as kind: Kind) -> String {
        let suffix = Picture.Format(mediaType: mediaType)?.fileExtension ?? "bin"
        return "/captive/assets/\(id.text)/\(kind.rawValue).\(suffix)"
    }
}

/// The bytes of a theme image, as they are served.
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

/// Keeps the images of themes. One that was replaced is kept for a while, for pages that still name it.
package protocol ImageStore: Sendable {
    /// Nil if there is none, or no longer.
    func image(_ id: UUID) async throws -> StoredImage?
    /// Makes `picture` the image of that kind, or with nil leaves none, and raises the instance's revision, in one
    /// transaction. Throws `StoreError.notFound` if the workspace has no such instance.
    /// False if there was none to take away.
    func setImage(
        _ kind: ThemeImage.Kind, of instanceID: UUID, in workspace: Workspace, to picture: Picture?, now: Date
    ) async throws -> Bool
    /// Deletes what was replaced before `end`, at most `limit`; returns how many.
    func forgetImages(replacedBefore end: Date, limit: Int) async throws -> Int
}
