/// How a message's content is delimited (RFC 9112 section 6).
enum BodyFraming: Sendable, Equatable {
    case none
    case length(Int)
    case chunked

    /// Refuses framing that two servers could interpret differently: both fields, a list of lengths, codings without
    /// exactly one final `chunked`, transfer codings in HTTP/1.0. Throws 400, or 501 for an unknown coding.
    init(_ bytes: [UInt8], _ fields: FieldSection, isHTTP11: Bool) throws(RequestError) {
        switch (fields.transferEncodings.isEmpty, fields.contentLengths.count) {
        case (true, 0): self = .none
        case (true, 1): self = .length(try BodyFraming.length(bytes, fields.contentLengths[0]))
        case (false, 0) where isHTTP11: self = try BodyFraming.chunked(bytes, fields.transferEncodings)
        default: throw .malformed
        }
    }

    private static func length(_ bytes: [UInt8], _ range: ByteRange) throws(RequestError) -> Int {
        // Any 18 digits fit an Int.
        guard (1...18).contains(range.count) else { throw .malformed }
        var value = 0
        for byte in bytes[range.indices] {
            guard byte.isDigit else { throw .malformed }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    private static func chunked(_ bytes: [UInt8], _ values: [ByteRange]) throws(RequestError) -> BodyFraming {
        let codings = values.flatMap { bytes.listMembers(of: $0) }
        guard let last = codings.last, bytes.matches("chunked", in: last) else { throw .malformed }
        for coding in codings.dropLast() {
            let isToken = coding.count > 0 && bytes[coding.indices].allSatisfy(\.isToken)
            guard isToken, !bytes.matches("chunked", in: coding) else { throw .malformed }
            throw RequestError(.notImplemented)
        }
        return .chunked
    }
}
