/// The quoted-printable encoding (RFC 2045 section 6.7).
enum QuotedPrintable {
    private static let maxLineLength = 76

    /// Encodes `text`. Line feeds become CRLF.
    static func encode(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map(line).joined(separator: "\r\n")
    }

    private static func line(_ line: Substring) -> String {
        var result = ""
        var column = 0
        let bytes = Array(line.utf8)
        for (index, byte) in bytes.enumerated() {
            let token = token(byte, isLast: index == bytes.count - 1)
            // One character is reserved for the soft line break, `=`.
            if column + token.utf8.count > maxLineLength - 1 {
                result += "=\r\n"
                column = 0
            }
            result += token
            column += token.utf8.count
        }
        return result
    }

    private static func token(_ byte: UInt8, isLast: Bool) -> String {
        let isLiteral = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=")
        guard isLiteral || (byte == 0x20 && !isLast) else {
            return "=" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
        return String(UnicodeScalar(byte))
    }
}
