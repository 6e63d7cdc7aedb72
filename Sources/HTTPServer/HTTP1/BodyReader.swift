/// Gathers the content of one message.
struct BodyReader {
    private let framing: BodyFraming
    private let limit: Int
    private let begun: MonotonicTime
    private var chunks = ChunkedDecoder()
    private var content: [UInt8] = []
    private var received = 0

    init(_ framing: BodyFraming, limit: Int, now: MonotonicTime) {
        (self.framing, self.limit, begun) = (framing, limit, now)
    }

    /// Throws 413 if the length was announced and is over the limit.
    func judgeLength() throws(Refusal) {
        if case .length(let length) = framing, length > limit { throw Refusal(.contentTooLarge) }
    }

    /// Takes what belongs to the content and returns how many bytes that was.
    mutating func read(_ bytes: UnsafeRawBufferPointer, _ limits: Server.Limits) throws(Refusal) -> Int {
        let taken: Int
        if case .length(let length) = framing {
            taken = min(length - content.count, bytes.count)
            content.append(contentsOf: bytes[..<taken])
        } else {
            taken = try chunks.decode(bytes, into: &content, limit: limit, limits: limits)
        }
        received += taken
        return taken
    }

    /// The content, once it is whole.
    mutating func finished() -> [UInt8]? {
        if case .length(let length) = framing { return content.count == length ? content : nil }
        return chunks.isDone ? content : nil
    }

    /// Whether less came than `bodyRate` asks for, after the first seconds.
    func isTooSlow(_ now: MonotonicTime, _ limits: Server.Limits) -> Bool {
        let elapsed = now.milliseconds - begun.milliseconds
        return elapsed > limits.bodyRateGrace.milliseconds && Int64(received) * 1000 < elapsed * Int64(limits.bodyRate)
    }
}
