/// The fields of a head, and the positions of those that determine framing and connection handling.
struct FieldSection {
    private(set) var slices: [FieldSlice] = []
    private(set) var hosts: [ByteRange] = []
    private(set) var contentLengths: [ByteRange] = []
    private(set) var transferEncodings: [ByteRange] = []
    private(set) var hasForwardingFields = false
    private var connections: [ByteRange] = []
    private var expectations: [ByteRange] = []

    /// Parses fields from `start` to the empty line (RFC 9112 section 5). Refuses blanks before the colon and folding.
    mutating func parse(_ bytes: [UInt8], from start: Int) throws(RequestError) {
        slices.reserveCapacity(12)
        var index = start
        while index < bytes.count, bytes[index] != .cr {
            let slice = try FieldSection.field(bytes, at: &index)
            slices.append(slice)
            record(slice, in: bytes)
        }
        guard index + 2 == bytes.count else { throw .malformed }
    }

    private static func field(_ bytes: [UInt8], at index: inout Int) throws(RequestError) -> FieldSlice {
        let start = index
        while index < bytes.count, bytes[index].isToken { index += 1 }
        guard index > start, index < bytes.count, bytes[index] == UInt8(ascii: ":") else { throw .malformed }
        let name = ByteRange(start, index)
        index += 1
        let valueStart = index
        while index < bytes.count, bytes[index].isFieldValue { index += 1 }
        guard index + 1 < bytes.count, bytes[index] == .cr, bytes[index + 1] == .lf else { throw .malformed }
        let value = bytes.trimmed(ByteRange(valueStart, index))
        index += 2
        return FieldSlice(name: name, value: value)
    }

    private mutating func record(_ slice: FieldSlice, in bytes: [UInt8]) {
        let name = slice.name
        switch name.count {
        case 4 where bytes.matches("host", in: name): hosts.append(slice.value)
        case 6 where bytes.matches("expect", in: name): expectations.append(slice.value)
        case 10 where bytes.matches("connection", in: name): connections.append(slice.value)
        case 14 where bytes.matches("content-length", in: name): contentLengths.append(slice.value)
        case 17 where bytes.matches("transfer-encoding", in: name): transferEncodings.append(slice.value)
        case 9 where bytes.matches("forwarded", in: name): hasForwardingFields = true
        case 15...17 where bytes.matches("x-forwarded-", in: ByteRange(Int(name.start), Int(name.start) + 12)):
            hasForwardingFields = true
        default: break
        }
    }

    /// RFC 9112 section 9.3: `close` takes precedence; HTTP/1.0 requires `keep-alive`.
    func keepsAlive(_ bytes: [UInt8], isHTTP11: Bool) -> Bool {
        guard !connections.isEmpty else { return isHTTP11 }
        let options = connections.flatMap { bytes.listMembers(of: $0) }
        if options.contains(where: { bytes.matches("close", in: $0) }) { return false }
        return isHTTP11 || options.contains { bytes.matches("keep-alive", in: $0) }
    }

    /// RFC 9110 section 10.1.1. Throws 417 for any other expectation.
    func expectsContinue(_ bytes: [UInt8]) throws(RequestError) -> Bool {
        for value in expectations where !bytes.matches("100-continue", in: value) {
            throw RequestError(.expectationFailed)
        }
        return !expectations.isEmpty
    }
}
