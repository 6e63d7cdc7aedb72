import Gateways
import Testing

@Suite struct APIWireTests {
    private func decode(_ bytes: [UInt8], pieces: Int, limits: APISentenceReader.Limits = .init()) throws -> [[String]]
    {
        var reader = APISentenceReader(limits: limits)
        var sentences: [[String]] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            reader.append(Array(bytes[start..<min(bytes.count, start + pieces)]))
            while let sentence = try reader.next() { sentences.append(sentence) }
        }
        return sentences
    }

    /// The limits of the manual's encodings.
    @Test(
        arguments: [
            (0, [0x00]), (0x7F, [0x7F]), (0x80, [0x80, 0x80]), (0x87, [0x80, 0x87]), (0x3FFF, [0xBF, 0xFF]),
            (0x4000, [0xC0, 0x40, 0x00]), (0x1F_FFFF, [0xDF, 0xFF, 0xFF]), (0x20_0000, [0xE0, 0x20, 0x00, 0x00]),
            (0xFFF_FFFF, [0xEF, 0xFF, 0xFF, 0xFF]), (0x1000_0000, [0xF0, 0x10, 0x00, 0x00, 0x00]),
        ] as [(Int, [UInt8])])
    func `a length is encoded in as few bytes as possible`(_ count: Int, _ expected: [UInt8]) {
        var bytes: [UInt8] = []
        APIWire.appendLength(count, to: &bytes)
        #expect(bytes == expected)
    }

    @Test func `the login is encoded as in the manual`() {
        let expected = "\u{06}/login\u{0B}=name=admin\u{0A}=password=\u{00}"
        #expect(APIWire.encode(APILogin.request(name: "admin", password: "")) == Array(expected.utf8))
    }

    @Test(arguments: [
        ("", "00e134102a9d330dd7b1849fedfea3cb57", "93b438ec9b80057c06dd9fe67d56aa9a"),
        ("secret", "00de2eb16e8739e95337da481d36029ddb", "93b438ec9b80057c06dd9fe67d56aa9a"),
    ])
    func `the response to a challenge has the manual's digest`(
        _ password: String, _ digest: String, _ challenge: String
    ) {
        #expect(
            APILogin.response(name: "admin", password: password, challenge: challenge)
                == ["/login", "=name=admin", "=response=\(digest)"])
    }

    @Test(arguments: ["", "93b4", "zzb438ec9b80057c06dd9fe67d56aa9a", "93b438ec9b80057c06dd9fe67d56aa9a00"])
    func `an invalid challenge has no response`(_ text: String) {
        #expect(APILogin.response(name: "a", password: "b", challenge: text) == nil)
    }

    @Test(arguments: [1, 2, 3, 5, 1_000_000])
    func `sentences are decoded regardless of how they are split`(_ pieces: Int) throws {
        let sentences = [
            ["!re", "=name=ä=b", "=x="], ["!done"],
            ["!re", "=long=" + String(repeating: "x", count: 130), "=longer=" + String(repeating: "y", count: 17_000)],
        ]
        #expect(try decode(sentences.flatMap(APIWire.encode), pieces: pieces) == sentences)
    }

    @Test func `empty sentences are skipped`() throws {
        #expect(try decode([0, 0] + APIWire.encode(["!done"]) + [0], pieces: 1) == [["!done"]])
    }

    @Test func `invalid UTF-8 is accepted`() throws {
        #expect(try decode([3, 0x61, 0xFF, 0x62, 0], pieces: 1) == [["a\u{FFFD}b"]])
    }

    @Test(arguments: [UInt8](0xF8...0xFF))
    func `a control byte is refused`(_ byte: UInt8) {
        #expect(throws: APIWire.Failure.reserved(byte)) { try decode([byte], pieces: 1) }
    }

    @Test func `a word that is too long is refused before its bytes arrive`() {
        #expect(throws: APIWire.Failure.wordTooLong(0xFFFF_FFFF)) {
            try decode([0xF0, 0xFF, 0xFF, 0xFF, 0xFF], pieces: 1)
        }
    }

    @Test func `a sentence that does not end is refused`() {
        let limits = APISentenceReader.Limits(word: 100, sentence: 1_000, words: 50)
        let many = (0..<102).map { UInt8($0 % 2 == 0 ? 1 : 0x61) }
        #expect(throws: APIWire.Failure.sentenceTooLong) { try decode(many, pieces: 7, limits: limits) }
        let large = (0..<11 * 101).map { UInt8($0 % 101 == 0 ? 100 : 0x61) }
        #expect(throws: APIWire.Failure.sentenceTooLong) { try decode(large, pieces: 7, limits: limits) }
    }

    /// Checks that no input crashes the reader or exceeds its limits.
    @Test func `mutated streams are read or refused`() {
        var random = SeededGenerator(state: 7)
        let limits = APISentenceReader.Limits(word: 1_000, sentence: 2_000, words: 20)
        let valid = [["!re", ".tag=1", "=a=" + String(repeating: "b", count: 200)], ["!done", ".tag=1"]]
            .flatMap(APIWire.encode)
        for _ in 0..<20_000 {
            var bytes = valid
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            var reader = APISentenceReader(limits: limits)
            reader.append(bytes)
            do { while try reader.next() != nil {} } catch {}
            #expect(reader.heldBytes <= bytes.count + 2_000)
            var session = APISession(name: "a", password: "b", limits: limits)
            _ = session.receive(bytes)
        }
    }
}

/// A deterministic generator (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
