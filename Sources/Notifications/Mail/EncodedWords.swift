import Foundation

/// Encoded words in header fields (RFC 2047).
enum EncodedWords {
    /// 39 bytes are 52 characters of base64 and 64 with the delimiters, which fit in a line of 76 with the field's
    /// name.
    private static let bytesPerWord = 39

    /// Returns the value of a field: unchanged if it is short and printable ASCII, otherwise as encoded words, one per
    /// line. The text cannot add line breaks.
    static func header(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
        return isPlain && text.utf8.count <= 60 ? text : encoded(text)
    }

    /// Returns the name before an address: unchanged if it is short and alphanumeric, otherwise encoded.
    static func phrase(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x20 || byte == 0x2D
        }
        return isPlain && text.utf8.count <= 60 ? text : encoded(text)
    }

    private static func encoded(_ text: String) -> String {
        var words: [String] = [""]
        // A word must not end within a character, because words are decoded separately.
        for scalar in text.unicodeScalars {
            let fits = (words.last?.utf8.count ?? 0) + scalar.utf8.count <= bytesPerWord
            if fits { words[words.count - 1].unicodeScalars.append(scalar) } else { words.append(String(scalar)) }
        }
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}
