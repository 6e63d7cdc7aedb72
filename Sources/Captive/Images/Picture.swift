internal import NetworkAddress

/// An image as browsers show it: read from its first byte to its last, and written again without what draws nothing. So
/// it holds no place or camera (EXIF, XMP), no comment, and nothing after its end that could be read as
/// another kind of file.
package struct Picture: Sendable, Equatable {
    package let format: Format
    /// Pixels, as shown: the turn that a camera noted is taken into account.
    package let width: Int
    package let height: Int
    package let bytes: [UInt8]

    /// A kind of file that every phone's browser shows.
    package enum Format: String, Sendable, CaseIterable {
        case png, jpeg, webp, gif

        package var mediaType: String { "image/\(rawValue)" }
        package var fileExtension: String { self == .jpeg ? "jpg" : rawValue }

        /// Nil for a media type that no picture has.
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

    /// Most bytes of a file: 1 MiB.
    package static let largestFile = 1 << 20
    /// Most pixels of a side: what a small file may unpack to is bounded by it.
    package static let longestSide = 4_096

    /// Reads a file by its content; its name and what it is said to be do not matter. Metadata is dropped, but not
    /// colour profiles, nor how a photograph is to be turned.
    package init(_ file: [UInt8]) throws(PictureRefusal) {
        guard file.count <= Self.largestFile else { throw .tooManyBytes }
        let reader = PictureReader(file)
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

/// Why a file is no picture for a page.
package enum PictureRefusal: Error, Sendable, Equatable {
    /// More than `Picture.largestFile`.
    case tooManyBytes
    /// SVG may hold programs.
    case svg
    /// None of the formats that are taken.
    case unknown
    /// It begins as the format says, and then does not go on so; the text says where.
    case damaged(Picture.Format, String)
    /// Width and height in pixels.
    case tooManyPixels(Int, Int)
    /// Too small, or of the wrong shape, for its place; the text says what is needed.
    case misfit(String)

    /// One sentence for an admin: what is wrong with the file, and what would be right.
    package var explanation: String {
        switch self {
        case .tooManyBytes: "The image has more than 1 MiB; save it with fewer pixels or more compression."
        case .svg: "SVG is not taken, because it may hold programs; export the image as PNG."
        case .unknown: "The file is none of PNG, JPEG, WebP and GIF."
        case .damaged(let format, let detail):
            "The file begins like \(format.name), but it is damaged: \(detail). Export it again."
        case .tooManyPixels(let width, let height):
            "The image has \(width) x \(height) pixels; no side may have more than \(Picture.longestSide)."
        case .misfit(let needed): needed
        }
    }
}

extension Picture.Format {
    fileprivate var name: String { self == .webp ? "WebP" : rawValue.uppercased() }
}
