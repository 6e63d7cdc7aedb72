/// `host [":" port]` (RFC 3986 section 3.2, RFC 9110 section 7.2).
enum Authority {
    /// The authority of a request in lower case. HTTP/1.1 requires exactly one valid `Host`, HTTP/1.0 allows at most
    /// one; the authority of an absolute-form target replaces it (RFC 9112 section 3.2.2).
    static func choose(
        _ bytes: [UInt8], target: ByteRange?, fields: FieldSection, isHTTP11: Bool
    ) throws(RequestError) -> String {
        guard fields.hosts.count == 1 || (fields.hosts.isEmpty && !isHTTP11) else { throw .malformed }
        for range in [target, fields.hosts.first] {
            if let range, !isValid(bytes[range.indices]) { throw .malformed }
        }
        guard let range = target ?? fields.hosts.first else { return "" }
        // Safe because a valid authority is ASCII.
        return String(decoding: bytes[range.indices].lazy.map(\.asciiLowercased), as: UTF8.self)
    }

    static func isValid(_ text: some BidirectionalCollection<UInt8>) -> Bool {
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
            let address = text[text.index(after: text.startIndex)..<end]
            let isAddress = address.allSatisfy { $0.hexValue != nil || $0 == 0x3A || $0 == 0x2E }
            return isAddress && address.count >= 2 && isPort(text[text.index(after: end)...])
        }
        let host = text.prefix { $0 != UInt8(ascii: ":") }
        let isHost = host.allSatisfy { $0.isRegName || $0 == UInt8(ascii: "%") }
        return !host.isEmpty && isHost && isPort(text[host.endIndex...])
    }

    /// Whether `text` is empty, or a colon and at most five digits.
    private static func isPort(_ text: some Collection<UInt8>) -> Bool {
        guard let colon = text.first else { return true }
        let digits = text.dropFirst()
        return colon == UInt8(ascii: ":") && digits.count <= 5 && digits.allSatisfy(\.isDigit)
    }
}
