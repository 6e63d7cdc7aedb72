import Foundation

/// Texts in header fields (RFC 2047).
enum EncodedWords {
    /// 52 characters of base64, 64 with what is around them: a line holds that and its field's name (at most 76).
    private static let bytesPerWord = 39

    /// A field's whole text: as it is if it is short and plain, else in encoded words, one a line. So it can hold no
    /// line break that was not put there.
    static func header(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20...0x7E).contains($0) } && !text.contains("=?")
        return isPlain && text.utf8.count <= 60 ? text : encoded(text)
    }

    /// The name before an address: plain words as they are, anything else encoded.
    static func phrase(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { byte in
            (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x20 || byte == 0x2D
        }
        return isPlain && text.utf8.count <= 60 ? text : encoded(text)
    }

    private static func encoded(_ text: String) -> String {
        var words: [String] = [""]
        // No character is divided: a word is read by itself.
        for scalar in text.unicodeScalars {
            let fits = (words.last?.utf8.count ?? 0) + scalar.utf8.count <= bytesPerWord
            if fits { words[words.count - 1].unicodeScalars.append(scalar) } else { words.append(String(scalar)) }
        }
        return words.map { "=?utf-8?B?\(Data($0.utf8).base64EncodedString())?=" }.joined(separator: "\r\n ")
    }
}
