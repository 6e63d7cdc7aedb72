/// How a message's content is delimited (RFC 9112 section 6).
enum BodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked

    /// Refuses everything that two servers could read differently: both fields, a list of lengths, a coding that is not
    /// exactly one final `chunked`, transfer codings in HTTP/1.0. Throws 400, or 501 for a coding not known here.
    init(_ bytes: [UInt8], _ fields: FieldSection, isHTTP11: Bool) throws(Refusal) {
        switch (fields.transferEncodings.isEmpty, fields.contentLengths.count) {
        case (true, 0): self = .none
        case (true, 1): self = .length(try BodyFraming.length(bytes, fields.contentLengths[0]))
        case (false, 0) where isHTTP11: self = try BodyFraming.chunked(bytes, fields.transferEncodings)
        default: throw .malformed
        }
    }

    private static func length(_ bytes: [UInt8], _ range: ByteRange) throws(Refusal) -> Int {
        // 18 digits fit an Int whatever they are.
        guard (1...18).contains(range.count) else { throw .malformed }
        var value = 0
        for byte in bytes[range.indices] {
            guard byte.isDigit else { throw .malformed }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    private static func chunked(_ bytes: [UInt8], _ values: [ByteRange]) throws(Refusal) -> BodyFraming {
        let codings = values.flatMap { bytes.listMembers(of: $0) }
        guard let last = codings.last, bytes.matches("chunked", in: last) else { throw .malformed }
        for coding in codings.dropLast() {
            let isToken = coding.count > 0 && bytes[coding.indices].allSatisfy(\.isToken)
            guard isToken, !bytes.matches("chunked", in: coding) else { throw .malformed }
            throw Refusal(.notImplemented)
        }
        return .chunked
    }
}
