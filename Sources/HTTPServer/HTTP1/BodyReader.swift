/// Collects the content of one message.
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

    /// Throws 413 if `Content-Length` is over the limit.
    func checkLength() throws(RequestError) {
        if case .length(let length) = framing, length > limit { throw RequestError(.contentTooLarge) }
    }

    /// Consumes the bytes that belong to the content and returns their number.
    mutating func read(_ bytes: UnsafeRawBufferPointer, _ limits: Server.Limits) throws(RequestError) -> Int {
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

    /// The content; nil until it is complete.
    mutating func finished() -> [UInt8]? {
        if case .length(let length) = framing { return content.count == length ? content : nil }
        return chunks.isDone ? content : nil
    }

    /// Whether the average rate is below `bodyRate` after `bodyRateGrace`.
    func isTooSlow(_ now: MonotonicTime, _ limits: Server.Limits) -> Bool {
        let elapsed = now.milliseconds - begun.milliseconds
        return elapsed > limits.bodyRateGrace.milliseconds && Int64(received) * 1000 < elapsed * Int64(limits.bodyRate)
    }
}
