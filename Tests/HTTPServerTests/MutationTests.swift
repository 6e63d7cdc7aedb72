import Testing

@testable import HTTPServer

struct MutationTests {
    /// A small, fast generator with a seed (SplitMix64 by Steele and Vigna).
    private struct SeededGenerator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var value = state
            value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
            value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
            return value ^ value >> 31
        }
    }

    private let seeds = WireCase.all.map(\.bytes).filter { $0.count < 400 }
    private let dangerous: [UInt8] = [0, 9, 10, 13, 32, 37, 44, 46, 47, 58, 59, 63, 0x7F, 0x80, 0xFF]

    @Test func `the result does not depend on how a message is split`() {
        var generator = SeededGenerator(state: 1)
        for wire in WireCase.all where wire.bytes.count < 400 {
            for _ in 0..<20 {
                var conversation = Conversation()
                var rest = wire.bytes[...]
                while !rest.isEmpty {
                    let size = Int.random(in: 1...40, using: &generator)
                    conversation.feed(Array(rest.prefix(size)))
                    rest = rest.dropFirst(size)
                }
                #expect(conversation.events.filter { $0 != "100" } == wire.expected, "\(wire.name)")
            }
        }
    }

    @Test func `no mutated message crashes the parser`() {
        var generator = SeededGenerator(state: 2)
        var refused = 0
        for _ in 0..<60_000 {
            let bytes = mutated(using: &generator)
            var whole = Conversation()
            whole.feed(bytes)
            refused += whole.events.contains { $0.hasPrefix("refuse") } ? 1 : 0
        }
        #expect(refused > 1000)
    }

    @Test func `a mutated message gives the same events in one piece and in several`() {
        var generator = SeededGenerator(state: 3)
        for _ in 0..<3000 {
            let bytes = mutated(using: &generator)
            var (whole, pieces) = (Conversation(), Conversation())
            whole.feed(bytes)
            pieces.feed(bytes, size: Int.random(in: 1...9, using: &generator))
            #expect(pieces.events.filter { $0 != "100" } == whole.events.filter { $0 != "100" }, "\(bytes)")
        }
    }

    @Test func `random bytes do not crash the PROXY header parser`() {
        var generator = SeededGenerator(state: 4)
        let starts: [[UInt8]] = [
            [], Array("PROXY TCP4 ".utf8),
            [0x0D, 0x0A, 0x0D, 0x0A, 0, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 20],
        ]
        for start in starts {
            for _ in 0..<3000 {
                let noise = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                    UInt8.random(in: 0...255, using: &generator)
                }
                if case .header(_, let length) = ProxyHeader.read(start + noise) { #expect(length <= start.count + 60) }
            }
        }
    }

    private func mutated(using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = seeds.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = Int.random(in: 0...bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes.insert(dangerous.randomElement(using: &generator) ?? 0, at: index)
            case 1 where index < bytes.count: bytes[index] = UInt8.random(in: 0...255, using: &generator)
            case 2 where index < bytes.count: bytes.remove(at: index)
            default: bytes.insert(contentsOf: bytes.suffix(Int.random(in: 0...20, using: &generator)), at: index)
            }
        }
        return bytes
    }
}
