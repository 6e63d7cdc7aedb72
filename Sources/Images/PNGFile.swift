/// PNG (W3C, third edition). Keeps the chunks that draw the image. Of an animation, only the first frame is kept.
enum PNGFile {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    private static let kept: Set = [
        "IHDR", "PLTE", "IDAT", "IEND", "tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "bKGD", "pHYs",
    ]
    /// Bit depths by colour type (section 11.2.1).
    private static let depths: [Int: Set<Int>] = [
        0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16],
    ]

    static func read(_ file: ImageReader) throws(ImageError) -> Image {
        try Image.reading(.png, file) { reader in
            var written = Array(try reader.take(signature.count))
            let header = try chunk(&reader)
            guard header.type == "IHDR" else { throw ImageDamage("its header is missing") }
            let (width, height, colorType) = try size(header.data)
            written += header.bytes
            var seen: Set<String> = []
            while true {
                let chunk = try chunk(&reader)
                try check(chunk.type, after: seen, colorType: colorType)
                seen.insert(chunk.type)
                if kept.contains(chunk.type) { written += chunk.bytes }
                if chunk.type == "IEND" { break }
            }
            guard seen.contains("IDAT") else { throw ImageDamage("it contains no image data") }
            return Image(format: .png, width: width, height: height, bytes: written)
        }
    }

    private struct Chunk {
        let type: String
        let data: ArraySlice<UInt8>
        /// The chunk including its length and checksum.
        let bytes: ArraySlice<UInt8>
    }

    private static func chunk(_ reader: inout ImageReader) throws -> Chunk {
        let start = reader.position
        let length = try reader.bigEndian(4)
        let named = try reader.take(4)
        let data = try reader.take(length)
        guard named.allSatisfy({ (0x41...0x5A).contains($0 & 0xDF) }) else {
            throw ImageDamage("a chunk has an invalid name")
        }
        let type = String(decoding: named, as: UTF8.self)
        guard try reader.bigEndian(4) == Int(CRC32.of(reader.bytes[named.startIndex..<data.endIndex])) else {
            throw ImageDamage("the checksum of its chunk \(type) is wrong")
        }
        return Chunk(type: type, data: data, bytes: reader.bytes[start..<reader.position])
    }

    private static func size(_ header: ArraySlice<UInt8>) throws -> (width: Int, height: Int, colorType: Int) {
        var reader = ImageReader(Array(header))
        let (width, height) = (try reader.bigEndian(4), try reader.bigEndian(4))
        let (depth, colorType) = (Int(try reader.byte()), Int(try reader.byte()))
        guard depths[colorType]?.contains(depth) == true, try reader.bigEndian(2) == 0, try reader.byte() <= 1,
            reader.isAtEnd
        else { throw ImageDamage("its header is invalid") }
        return (width, height, colorType)
    }

    /// Throws unless a critical chunk (capital first letter) is a standard one in the right position.
    private static func check(_ type: String, after seen: Set<String>, colorType: Int) throws {
        let isCritical = type.first?.isUppercase == true
        guard !isCritical || (kept.contains(type) && type != "IHDR") else {
            throw ImageDamage("it contains an invalid chunk \(type)")
        }
        if type == "PLTE", seen.contains("IDAT") || seen.contains("PLTE") {
            throw ImageDamage("its palette is in the wrong position")
        }
        if type == "IDAT", colorType == 3, !seen.contains("PLTE") { throw ImageDamage("its palette is missing") }
    }
}

/// The cyclic redundancy check of PNG (annex D of its standard).
enum CRC32 {
    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    }

    static func of(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        ~bytes.reduce(0xFFFF_FFFF) { table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] ^ ($0 >> 8) }
    }
}
