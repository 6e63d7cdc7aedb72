internal import NetworkAddress

/// A header of the PROXY protocol, version 1 or 2 (HAProxy's proxy-protocol.txt).
struct ProxyHeader: Equatable {
    enum Reading: Equatable {
        /// The bytes are the beginning of a header.
        case incomplete
        case header(ProxyHeader, length: Int)
        case invalid
    }

    /// nil for LOCAL (the proxy's own connection) and UNKNOWN; the socket's peer is then the client.
    var client: IPAddress?
    /// Whether the client's connection to the proxy uses TLS.
    var isSecure = false

    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    /// Maximum number of bytes after the 16 fixed bytes of a version 2 header; real ones have a few hundred.
    private static let longestPayload = 4096

    static func read(_ bytes: [UInt8]) -> Reading {
        guard let first = bytes.first else { return .incomplete }
        return first == signature[0] ? readBinary(bytes) : readText(bytes)
    }
}

// Version 2.
extension ProxyHeader {
    private static func readBinary(_ bytes: [UInt8]) -> Reading {
        guard signature.starts(with: bytes.prefix(12)) else { return .invalid }
        guard bytes.count >= 16 else { return .incomplete }
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        guard bytes[12] == 0x20 || bytes[12] == 0x21, length <= longestPayload else { return .invalid }
        guard bytes.count >= 16 + length else { return .incomplete }
        if bytes[12] == 0x20 { return .header(ProxyHeader(), length: 16 + length) }
        guard let header = header(family: bytes[13], payload: Array(bytes[16..<16 + length])) else { return .invalid }
        return .header(header, length: 16 + length)
    }

    private static func header(family: UInt8, payload: [UInt8]) -> ProxyHeader? {
        let sizes: [UInt8: Int] = [0x00: 0, 0x11: 12, 0x21: 36, 0x31: 216]
        guard let size = sizes[family], payload.count >= size else { return nil }
        var header = ProxyHeader()
        if family == 0x11 { header.client = .v4(UInt32(truncatingIfNeeded: number(payload[0..<4]))) }
        if family == 0x21 { header.client = IPAddress.v6(number(payload[0..<8]), number(payload[8..<16])).unmapped }
        guard family == 0x00 || header.readExtras(payload[size...]) else { return nil }
        return header
    }

    /// Reads the type-length-value extensions, of which only SSL (0x20) is used. False if the lengths do not match.
    private mutating func readExtras(_ extras: ArraySlice<UInt8>) -> Bool {
        var rest = extras
        while !rest.isEmpty {
            guard rest.count >= 3 else { return false }
            let start = rest.startIndex
            let length = Int(rest[start + 1]) << 8 | Int(rest[start + 2])
            guard rest.count >= 3 + length else { return false }
            if rest[start] == 0x20, length >= 1 { isSecure = rest[start + 3] & 1 == 1 }
            rest = rest[(start + 3 + length)...]
        }
        return true
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}

// Version 1.
extension ProxyHeader {
    private static let longestLine = 107

    private static func readText(_ bytes: [UInt8]) -> Reading {
        guard bytes.prefix(6).elementsEqual("PROXY ".utf8.prefix(bytes.count)) else { return .invalid }
        guard let newline = bytes.prefix(longestLine).firstIndex(of: .lf) else {
            return bytes.count < longestLine ? .incomplete : .invalid
        }
        guard newline > 0, bytes[newline - 1] == .cr else { return .invalid }
        let line = String(streamSafe: bytes[..<(newline - 1)])
        guard let header = header(line.split(separator: " ", omittingEmptySubsequences: false)) else { return .invalid }
        return .header(header, length: newline + 1)
    }

    private static func header(_ words: [Substring]) -> ProxyHeader? {
        if words.count >= 2, words[1] == "UNKNOWN" { return ProxyHeader() }
        guard words.count == 6, let width = ["TCP4": 32, "TCP6": 128][words[1]],
            let source = IPAddress(words[2]), let destination = IPAddress(words[3]),
            source.bitWidth == width, destination.bitWidth == width, isPort(words[4]), isPort(words[5])
        else { return nil }
        return ProxyHeader(client: source.unmapped)
    }

    private static func isPort(_ text: Substring) -> Bool {
        guard let port = UInt16(text, in: 0...65_535) else { return false }
        return String(port) == text
    }
}
