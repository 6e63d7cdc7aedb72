// Images validates uploaded images and writes them again without metadata: PNG, JPEG, GIF and WebP. It reads bytes and
// returns bytes. Reading order: Image, ImageReader, then a file for each format.

internal import NetworkAddress

/// A validated image, completely parsed and written again without the parts that do not affect its display: no metadata
/// (EXIF, XMP), no comments, and no data after its end that could be interpreted as another kind of file.
package struct Image: Sendable, Equatable {
    package let format: Format
    /// Pixels, as displayed: takes the orientation into account.
    package let width: Int
    package let height: Int
    package let bytes: [UInt8]

    /// A file format that every phone's browser supports.
    package enum Format: String, Sendable, CaseIterable {
        case png, jpeg, webp, gif

        package var mediaType: String { "image/\(rawValue)" }
        package var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

        /// Returns nil for any other media type.
        package init?(mediaType: String) {
            guard let format = Self.allCases.first(where: { $0.mediaType == mediaType }) else { return nil }
            self = format
        }
    }

    init(format: Format, width: Int, height: Int, bytes: [UInt8]) {
        self.format = format
        self.width = width
        self.height = height
        self.bytes = bytes
    }

    /// Maximum size of a file in bytes: 1 MiB.
    package static let largestFile = 1 << 20
    /// Maximum width and height in pixels, which limits the decompressed size of a small file.
    package static let longestSide = 4_096

    /// Reads a file. Detects the format from the content, not from a name or media type. Drops metadata except for
    /// colour profiles and orientation.
    package init(_ file: [UInt8]) throws(ImageError) {
        guard file.count <= Self.largestFile else { throw .tooManyBytes }
        let reader = ImageReader(file)
        if file.starts(with: PNGFile.signature) {
            self = try PNGFile.read(reader)
        } else if file.starts(with: [0xFF, 0xD8, 0xFF]) {
            self = try JPEGFile.read(reader)
        } else if file.starts(with: "GIF87a".utf8) || file.starts(with: "GIF89a".utf8) {
            self = try GIFFile.read(reader)
        } else if file.starts(with: "RIFF".utf8), file.dropFirst(8).starts(with: "WEBP".utf8) {
            self = try WebPFile.read(reader)
        } else {
            throw Self.looksLikeSVG(file) ? .svg : .unknown
        }
        guard width > 0, height > 0 else { throw .damaged(format, "it has no pixels") }
        guard width <= Self.longestSide, height <= Self.longestSide else { throw .tooManyPixels(width, height) }
    }

    private static func looksLikeSVG(_ file: [UInt8]) -> Bool {
        let start = String(streamSafe: file.prefix(1_024)).lowercased()
        return start.contains("<svg") || start.contains("<!doctype svg")
    }
}

/// Why an image file is refused.
package enum ImageError: Error, Sendable, Equatable {
    /// More than `Image.largestFile`.
    case tooManyBytes
    /// SVG can contain scripts.
    case svg
    /// Not a supported format.
    case unknown
    /// The content is invalid for the format. The text describes the error.
    case damaged(Image.Format, String)
    /// Width and height in pixels.
    case tooManyPixels(Int, Int)
    /// The wrong size or shape for its use. The text describes the requirement.
    case wrongSize(String)

    /// A sentence for an admin: the error and how to fix it.
    package var explanation: String {
        switch self {
        case .tooManyBytes: "The image is larger than 1 MiB; save it with fewer pixels or more compression."
        case .svg: "SVG is not supported, because it can contain scripts; export the image as PNG."
        case .unknown: "The file is not a PNG, JPEG, WebP or GIF image."
        case .damaged(let format, let detail):
            "The \(format.name) file is damaged: \(detail). Export it again."
        case .tooManyPixels(let width, let height):
            "The image has \(width) x \(height) pixels; the maximum width and height is \(Image.longestSide)."
        case .wrongSize(let requirement): requirement
        }
    }
}

extension Image.Format {
    fileprivate var name: String { self == .webp ? "WebP" : rawValue.uppercased() }
}
