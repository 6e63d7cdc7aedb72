internal import CQRencode

/// A QR code (ISO/IEC 18004) of a short text, such as an address.
struct QRCode {
    /// Modules on each side, without the quiet zone.
    let width: Int
    /// Row by row; true is dark.
    private let isDark: [Bool]

    /// Width of the light margin in modules (ISO/IEC 18004 section 5.3.8).
    static let quietZone = 4

    /// Nil if the text does not fit: more than 2,331 bytes. Uses error correction level M, so that a creased card is
    /// readable.
    init?(_ text: String) {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        guard let data = code.pointee.data else { return nil }
        width = Int(code.pointee.width)
        // The lowest bit is the colour (qrencode.h, "Symbol data").
        isDark = UnsafeBufferPointer(start: data, count: width * width).map { $0 & 1 == 1 }
    }

    /// Modules on each side with the quiet zone.
    var side: Int { width + 2 * Self.quietZone }

    /// The dark modules as an SVG path whose unit is one module; each run in a row is one rectangle.
    var path: String {
        var path = ""
        for row in 0..<width {
            var column = 0
            while column < width {
                let length = isDark[(row * width + column)..<((row + 1) * width)].prefix { $0 }.count
                if length > 0 { path += "M\(column + Self.quietZone) \(row + Self.quietZone)h\(length)v1h-\(length)z" }
                column += max(length, 1)
            }
        }
        return path
    }
}
