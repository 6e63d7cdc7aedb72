/// Reads the bytes of an image file in order. Every read beyond the end throws `EndOfFile`.
struct ImageReader {
    struct EndOfFile: Error {}

    let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ count: Int) throws(EndOfFile) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw EndOfFile() }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func byte() throws(EndOfFile) -> UInt8 {
        guard position < bytes.count else { throw EndOfFile() }
        defer { position += 1 }
        return bytes[position]
    }

    /// Reads a number of `count` bytes, most significant first.
    mutating func bigEndian(_ count: Int) throws(EndOfFile) -> Int { try take(count).reduce(0) { $0 << 8 | Int($1) } }

    /// Reads a number of `count` bytes, least significant first.
    mutating func littleEndian(_ count: Int) throws(EndOfFile) -> Int {
        try take(count).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func text(_ count: Int) throws(EndOfFile) -> String { String(decoding: try take(count), as: UTF8.self) }
}

extension Image {
    /// Runs `read`, and converts its errors to `.damaged`.
    static func reading(
        _ format: Format, _ file: ImageReader, _ read: (inout ImageReader) throws -> Image
    ) throws(ImageError) -> Image {
        var reader = file
        do {
            return try read(&reader)
        } catch let damage as ImageDamage {
            throw .damaged(format, damage.detail)
        } catch {
            throw .damaged(format, "it ends too early")
        }
    }
}

/// A description of what is wrong with a file.
struct ImageDamage: Error {
    let detail: String

    init(_ detail: String) { self.detail = detail }

    /// A browser would allocate memory for such a frame, regardless of its size.
    static let outside = ImageDamage("a frame extends beyond the edge of the image")
}
