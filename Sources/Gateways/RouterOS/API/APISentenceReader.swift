internal import NetworkAddress

/// Extracts sentences from a stream of bytes. A pure state machine. It buffers at most one unfinished sentence and
/// throws when that exceeds its limits, so that a hostile router cannot exhaust the memory.
package struct APISentenceReader: Sendable {
    /// Limits for what a router sends.
    package struct Limits: Sendable {
        /// Bytes of one word.
        package var word: Int
        /// Bytes and words of one sentence.
        package var sentence: Int
        package var words: Int

        /// The defaults fit every row of RouterOS's menus, whose values have at most 64 KiB.
        package init(word: Int = 1 << 17, sentence: Int = 1 << 20, words: Int = 1_000) {
            self.word = word
            self.sentence = sentence
            self.words = words
        }
    }

    private let limits: Limits
    private var pending: ArraySlice<UInt8> = []
    private var words: [String] = []
    private var size = 0

    package init(limits: Limits = Limits()) { self.limits = limits }

    /// The number of buffered bytes.
    package var heldBytes: Int { pending.count + size }

    /// The first word of the unfinished sentence; nil if it is not complete.
    package var firstWord: String? { words.first }

    /// Adds bytes of the stream. Call `next` until it returns nil before adding more.
    package mutating func append(_ bytes: [UInt8]) {
        if pending.isEmpty { pending = bytes[...] } else { pending.append(contentsOf: bytes) }
    }

    /// Returns the next complete sentence without its empty word, or nil if more bytes are needed. Words are decoded by
    /// `String.init(streamSafe:)`. After an error the reader cannot be used any more.
    package mutating func next() throws(APIWire.Failure) -> [String]? {
        while let (length, header) = try APIWire.length(in: pending) {
            guard length <= limits.word else { throw .wordTooLong(length) }
            guard pending.count >= header + length else { return nil }
            let word = pending.dropFirst(header).prefix(length)
            pending = pending.dropFirst(header + length)
            if length > 0 {
                try take(word)
            } else if !words.isEmpty {
                defer { (words, size) = ([], 0) }
                return words
            }
        }
        return nil
    }

    private mutating func take(_ word: ArraySlice<UInt8>) throws(APIWire.Failure) {
        size += word.count
        words.append(String(streamSafe: word))
        guard size <= limits.sentence, words.count <= limits.words else { throw .sentenceTooLong }
    }
}
