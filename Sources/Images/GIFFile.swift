/// GIF (version 89a). Keeps the frames and the timing of the animation, and drops comments and application extensions.
enum GIFFile {
    static func read(_ file: ImageReader) throws(ImageError) -> Image {
        try Image.reading(.gif, file) { reader in
            _ = try reader.take(6)
            let (width, height) = (try reader.littleEndian(2), try reader.littleEndian(2))
            let flags = try reader.byte()
            _ = try reader.take(2)
            _ = try reader.take(colorTable(flags))
            var written = Array(reader.bytes[..<reader.position])
            var pictures = 0
            while true {
                let start = reader.position
                let kind = try reader.byte()
                var isKept = true
                switch kind {
                case 0x2C:
                    try readFrame(&reader, width, height)
                    pictures += 1
                case 0x21: isKept = try readExtension(&reader)
                case 0x3B: break
                default: throw ImageDamage("it contains an invalid block")
                }
                if isKept { written += reader.bytes[start..<reader.position] }
                if kind == 0x3B { break }
            }
            guard pictures > 0 else { throw ImageDamage("it contains no image data") }
            return Image(format: .gif, width: width, height: height, bytes: written)
        }
    }

    /// The size in bytes of the colour table according to the flags.
    private static func colorTable(_ flags: UInt8) -> Int { flags & 0x80 == 0 ? 0 : 3 << (Int(flags & 7) + 1) }

    private static func readFrame(_ reader: inout ImageReader, _ width: Int, _ height: Int) throws {
        let (left, top) = (try reader.littleEndian(2), try reader.littleEndian(2))
        let (right, bottom) = (left + (try reader.littleEndian(2)), top + (try reader.littleEndian(2)))
        guard right <= width, bottom <= height else { throw ImageDamage.outside }
        _ = try reader.take(colorTable(try reader.byte()))
        guard (2...8).contains(try reader.byte()) else { throw ImageDamage("the encoding of a frame is invalid") }
        try skipBlocks(&reader)
    }

    /// Returns whether the extension affects how the frames are shown.
    private static func readExtension(_ reader: inout ImageReader) throws -> Bool {
        let label = try reader.byte()
        let first = try reader.take(Int(try reader.byte()))
        if !first.isEmpty { try skipBlocks(&reader) }
        let names = ["NETSCAPE2.0", "ANIMEXTS1.0"]
        return label == 0xF9 || (label == 0xFF && names.contains(String(decoding: first, as: UTF8.self)))
    }

    private static func skipBlocks(_ reader: inout ImageReader) throws {
        while true {
            let length = Int(try reader.byte())
            if length == 0 { return }
            _ = try reader.take(length)
        }
    }
}
