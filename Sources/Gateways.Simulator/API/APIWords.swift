/// The API's framing on the router's side: converts between bytes and sentences. Independent of the portal's
/// implementation, so that the two do not share an error.
struct APIWords {
    private var bytes: [UInt8] = []
    private var words: [String] = []

    /// Returns the sentences that `more` completes; nil if a word is too long.
    mutating func sentences(after more: ArraySlice<UInt8>) -> [[String]]? {
        bytes.append(contentsOf: more)
        var (sentences, position) = ([[String]](), 0)
        while position < bytes.count {
            guard let (count, start) = Self.length(bytes, position) else { break }
            guard count <= 1 << 20 else { return nil }
            guard start + count <= bytes.count else { break }
            if count > 0 {
                words.append(String(decoding: bytes[start..<start + count], as: UTF8.self))
            } else if !words.isEmpty {
                sentences.append(words)
                words = []
            }
            position = start + count
        }
        bytes.removeFirst(position)
        return sentences
    }

    static func bytes(of sentence: [String]) -> [UInt8] {
        sentence.flatMap { prefix($0.utf8.count) + Array($0.utf8) } + [0]
    }

    /// The length of a word and the position of its first byte; nil if there are too few bytes.
    private static func length(_ bytes: [UInt8], _ position: Int) -> (Int, Int)? {
        let first = Int(bytes[position])
        let forms = [(0x80, 0x00, 0), (0xC0, 0x80, 1), (0xE0, 0xC0, 2), (0xF0, 0xE0, 3), (0x100, 0xF0, 4)]
        guard let (_, mark, more) = forms.first(where: { first < $0.0 }), position + more < bytes.count else {
            return nil
        }
        let head = more == 4 ? 0 : first - mark
        return (bytes[position + 1..<position + 1 + more].reduce(head) { $0 * 256 + Int($1) }, position + 1 + more)
    }

    private static func prefix(_ count: Int) -> [UInt8] {
        let tail = { (bytes: Int) in (0..<bytes).reversed().map { UInt8(count >> (8 * $0) & 0xFF) } }
        switch count {
        case 0..<0x80: return [UInt8(count)]
        case 0x80..<0x4000: return [0x80 | UInt8(count >> 8)] + tail(1)
        case 0x4000..<0x20_0000: return [0xC0 | UInt8(count >> 16)] + tail(2)
        case 0x20_0000..<0x1000_0000: return [0xE0 | UInt8(count >> 24)] + tail(3)
        default: return [0xF0] + tail(4)
        }
    }
}
