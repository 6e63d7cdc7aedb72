/// JPEG (ITU-T T.81), baseline and progressive. Keeps the segments that draw the image, colour profiles, and from the
/// EXIF metadata only the orientation.
enum JPEGFile {
    private enum Marker {
        static let start: UInt8 = 0xD8
        static let end: UInt8 = 0xD9
        static let scan: UInt8 = 0xDA
        static let tables: Set<UInt8> = [0xC4, 0xDB, 0xDD]
        static let frames: Set<UInt8> = [0xC0, 0xC1, 0xC2]
        static let otherFrames: Set<UInt8> = [0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF]
        static let restarts: ClosedRange<UInt8> = 0xD0...0xD7
    }

    static func read(_ file: ImageReader) throws(ImageError) -> Image {
        try Image.reading(.jpeg, file) { reader in
            _ = try reader.take(2)
            var content = Content()
            while true {
                let marker = try marker(&reader)
                if marker == Marker.end { break }
                try content.add(marker, &reader)
            }
            return try content.picture
        }
    }

    /// Reads the next marker, after any fill bytes.
    private static func marker(_ reader: inout ImageReader) throws -> UInt8 {
        guard try reader.byte() == 0xFF else { throw ImageDamage("a segment does not begin with a marker") }
        var code = try reader.byte()
        while code == 0xFF { code = try reader.byte() }
        return code
    }

    private struct Content {
        private var kept: [UInt8] = []
        private var size: (width: Int, height: Int)?
        private var orientation: UInt8?
        private var hasScan = false

        mutating func add(_ marker: UInt8, _ reader: inout ImageReader) throws {
            guard marker > 0xBF, marker != Marker.start, !Marker.restarts.contains(marker) else {
                throw ImageDamage("it contains an invalid marker")
            }
            guard !Marker.otherFrames.contains(marker) else {
                throw ImageDamage("browsers do not support this kind of JPEG")
            }
            let segment = try reader.take(try reader.bigEndian(2) - 2)
            if marker == 0xE1 { orientation = orientation ?? EXIF.orientation(in: segment) }
            if Marker.frames.contains(marker) { try note(frame: segment) }
            guard isKept(marker, segment) else { return }
            kept += [0xFF, marker, UInt8((segment.count + 2) >> 8), UInt8((segment.count + 2) & 0xFF)] + segment
            if marker == Marker.scan { try copyScan(&reader) }
        }

        private func isKept(_ marker: UInt8, _ segment: ArraySlice<UInt8>) -> Bool {
            switch marker {
            case 0xE0: segment.starts(with: "JFIF\0".utf8)
            case 0xE2: segment.starts(with: "ICC_PROFILE\0".utf8)
            case 0xEE: segment.starts(with: "Adobe".utf8)
            default: marker == Marker.scan || Marker.tables.contains(marker) || Marker.frames.contains(marker)
            }
        }

        private mutating func note(frame: ArraySlice<UInt8>) throws {
            var reader = ImageReader(Array(frame))
            guard size == nil, try reader.byte() == 8 else { throw ImageDamage("its frame header is invalid") }
            let height = try reader.bigEndian(2)
            size = (try reader.bigEndian(2), height)
            let components = Int(try reader.byte())
            guard [1, 3, 4].contains(components), frame.count == 6 + 3 * components else {
                throw ImageDamage("its frame header is invalid")
            }
        }

        /// Copies the entropy-coded data up to the next marker.
        private mutating func copyScan(_ reader: inout ImageReader) throws {
            guard size != nil else { throw ImageDamage("its size is missing") }
            hasScan = true
            let start = reader.position
            var end = start
            let bytes = reader.bytes
            while true {
                guard let mark = bytes[end...].firstIndex(of: 0xFF), mark + 1 < bytes.count else {
                    throw ImageReader.EndOfFile()
                }
                let code = bytes[mark + 1]
                end = mark + (code == 0xFF ? 1 : 2)
                if code != 0, code != 0xFF, !Marker.restarts.contains(code) { break }
            }
            kept += try reader.take(end - 2 - start)
        }

        var picture: Image {
            get throws {
                guard let size, hasScan else { throw ImageDamage("it contains no image data") }
                let isOnSide = orientation.map { $0 >= 5 } ?? false
                return Image(
                    format: .jpeg, width: isOnSide ? size.height : size.width,
                    height: isOnSide ? size.width : size.height,
                    bytes: [0xFF, Marker.start] + (orientation.map(EXIF.segment) ?? []) + kept + [0xFF, Marker.end])
            }
        }
    }
}

/// EXIF metadata (JEITA CP-3451). Only the orientation is read.
enum EXIF {
    private static let head = Array("Exif\0\0".utf8)

    /// Tag 0x0112 of the first directory, 2 to 8. Returns nil for an image that is not rotated or mirrored.
    static func orientation(in segment: ArraySlice<UInt8>) -> UInt8? {
        guard segment.starts(with: head) else { return nil }
        var reader = ImageReader(Array(segment.dropFirst(head.count)))
        return try? orientation(&reader)
    }

    private static func orientation(_ reader: inout ImageReader) throws -> UInt8? {
        let isBig = try reader.text(2) == "MM"
        func number(_ count: Int) throws -> Int { try isBig ? reader.bigEndian(count) : reader.littleEndian(count) }
        guard try number(2) == 42 else { return nil }
        _ = try reader.take(try number(4) - 8)
        for _ in 0..<(try number(2)) {
            let tag = try number(2)
            _ = try reader.take(6)
            let value = try number(2)
            _ = try reader.take(2)
            if tag == 0x0112 { return (2...8).contains(value) ? UInt8(value) : nil }
        }
        return nil
    }

    /// An APP1 segment with this orientation only.
    static func segment(_ orientation: UInt8) -> [UInt8] {
        [0xFF, 0xE1, 0x00, 0x22] + head + Array("MM".utf8) + [0, 42, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1]
            + [0, orientation, 0, 0, 0, 0, 0, 0]
    }
}
