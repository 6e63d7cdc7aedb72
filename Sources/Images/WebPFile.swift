/// WebP (RFC 9649): lossy, lossless and extended. Keeps the chunks that draw the image and its colour profile.
enum WebPFile {
    private static let kept: Set = ["VP8X", "VP8 ", "VP8L", "ALPH", "ICCP", "ANIM", "ANMF"]
    /// Flags of the extended header for dropped chunks: EXIF and XMP.
    private static let droppedFlags: UInt8 = 0x0C

    static func read(_ file: ImageReader) throws(ImageError) -> Image {
        try Image.reading(.webp, file) { reader in
            _ = try reader.take(4)
            var body = ImageReader(Array(try reader.take(try reader.littleEndian(4))))
            _ = try body.take(4)
            let first = try chunk(&body)
            var size = try size(first)
            var chunks = [first]
            var drawn = first.type == "VP8X" ? nil : size
            while first.type == "VP8X", !body.isAtEnd {
                let next = try chunk(&body)
                if kept.contains(next.type) { chunks.append(next) }
                if next.type == "VP8X" { throw ImageDamage("it has a second header") }
                if next.type == "ANMF" {
                    try checkFrame(next, in: size)
                    drawn = size
                }
                if next.type == "VP8 " || next.type == "VP8L" { drawn = try Self.size(next) }
            }
            guard let drawn else { throw ImageDamage("it contains no image data") }
            size = try agreed(size, drawn)
            return Image(format: .webp, width: size.width, height: size.height, bytes: written(chunks))
        }
    }

    private struct Chunk {
        let type: String
        var data: [UInt8]
    }

    private static func chunk(_ reader: inout ImageReader) throws -> Chunk {
        let type = try reader.text(4)
        let data = try reader.take(try reader.littleEndian(4))
        // Chunks are padded to an even size; some programs omit the padding of the last one.
        if data.count % 2 == 1, !reader.isAtEnd { _ = try reader.byte() }
        return Chunk(type: type, data: Array(data))
    }

    private static func size(_ chunk: Chunk) throws -> (width: Int, height: Int) {
        var reader = ImageReader(chunk.data)
        switch chunk.type {
        case "VP8X":
            _ = try reader.take(4)
            return (try reader.littleEndian(3) + 1, try reader.littleEndian(3) + 1)
        case "VP8L":
            guard try reader.byte() == 0x2F else { throw ImageDamage("its lossless image data is invalid") }
            let bits = try reader.littleEndian(4)
            guard bits >> 29 == 0 else { throw ImageDamage("its lossless image data has an unknown version") }
            return (bits & 0x3FFF + 1, bits >> 14 & 0x3FFF + 1)
        case "VP8 ":
            guard try reader.littleEndian(3) & 1 == 0, try reader.bigEndian(3) == 0x9D012A else {
                throw ImageDamage("its lossy image data is invalid")
            }
            return (try reader.littleEndian(2) & 0x3FFF, try reader.littleEndian(2) & 0x3FFF)
        default: throw ImageDamage("it does not begin with image data")
        }
    }

    /// Throws unless the frame lies within the canvas (section 2.7.1.1).
    private static func checkFrame(_ chunk: Chunk, in canvas: (width: Int, height: Int)) throws {
        var reader = ImageReader(chunk.data)
        let (left, top) = (try reader.littleEndian(3) * 2, try reader.littleEndian(3) * 2)
        let (width, height) = (try reader.littleEndian(3) + 1, try reader.littleEndian(3) + 1)
        guard left + width <= canvas.width, top + height <= canvas.height else { throw ImageDamage.outside }
    }

    private static func agreed(
        _ canvas: (width: Int, height: Int), _ drawn: (width: Int, height: Int)
    ) throws -> (width: Int, height: Int) {
        guard canvas == drawn else { throw ImageDamage("its header and its image data differ in size") }
        return canvas
    }

    private static func written(_ chunks: [Chunk]) -> [UInt8] {
        var body = Array("WEBP".utf8)
        for var chunk in chunks {
            if chunk.type == "VP8X" { chunk.data[0] &= ~droppedFlags }
            body += chunk.type.utf8
            body += littleEndian(chunk.data.count)
            body += chunk.data
            if chunk.data.count % 2 == 1 { body.append(0) }
        }
        return Array("RIFF".utf8) + littleEndian(body.count) + body
    }

    private static func littleEndian(_ number: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
}
