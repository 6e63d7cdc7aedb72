/// Reads a picture's file from front to back. Every read beyond the end throws `PastEnd`.
struct PictureReader {
    struct PastEnd: Error {}

    let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ count: Int) throws(PastEnd) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else { throw PastEnd() }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func byte() throws(PastEnd) -> UInt8 {
        guard position < bytes.count else { throw PastEnd() }
        defer { position += 1 }
        return bytes[position]
    }

    /// A number of `count` bytes, the most significant first.
    mutating func bigEndian(_ count: Int) throws(PastEnd) -> Int { try take(count).reduce(0) { $0 << 8 | Int($1) } }

    /// A number of `count` bytes, the least significant first.
    mutating func littleEndian(_ count: Int) throws(PastEnd) -> Int {
        try take(count).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    mutating func text(_ count: Int) throws(PastEnd) -> String { String(decoding: try take(count), as: UTF8.self) }
}

extension Picture {
    /// Runs `read`; what ends too early, or throws a sentence, is damaged.
    static func reading(
        _ format: Format, _ file: PictureReader, _ read: (inout PictureReader) throws -> Picture
    ) throws(PictureRefusal) -> Picture {
        var reader = file
        do {
            return try read(&reader)
        } catch let damage as PictureDamage {
            throw .damaged(format, damage.detail)
        } catch {
            throw .damaged(format, "it ends too early")
        }
    }
}

/// What is wrong with a file, for a person.
struct PictureDamage: Error {
    let detail: String

    init(_ detail: String) { self.detail = detail }

    /// A browser would make room for it, however large.
    static let outside = PictureDamage("a picture in it reaches beyond its edge")
}
