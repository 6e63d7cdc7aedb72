internal import NetworkAddress

/// The path for handlers: escapes decoded, dot segments resolved (RFC 3986 section 5.2.4).
enum NormalizedPath {
    /// Throws 400 for an invalid escape, a control byte, invalid UTF-8 and a path that leaves its root.
    static func make(_ raw: ArraySlice<UInt8>) throws(RequestError) -> String {
        guard !raw.isEmpty else { return "/" }
        guard needsNormalizing(raw) else { return String(streamSafe: raw) }
        let decoded = try decode(Array(raw))
        let resolved = try resolve(decoded)
        guard let path = String(validating: resolved, as: UTF8.self)?.streamSafe else { throw .malformed }
        return path
    }

    /// Whether `raw` has an escape or a segment that starts with a dot.
    private static func needsNormalizing(_ raw: ArraySlice<UInt8>) -> Bool {
        var previous: UInt8 = 0
        for byte in raw {
            if byte == UInt8(ascii: "%") || (byte == UInt8(ascii: ".") && previous == UInt8(ascii: "/")) { return true }
            previous = byte
        }
        return false
    }

    private static func decode(_ raw: [UInt8]) throws(RequestError) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(raw.count)
        var index = 0
        while index < raw.count {
            guard raw[index] == UInt8(ascii: "%") else {
                decoded.append(raw[index])
                index += 1
                continue
            }
            guard let byte = PercentEncoding.byte(in: raw, at: index), !byte.isControl else { throw .malformed }
            decoded.append(byte)
            index += 3
        }
        return decoded
    }

    private static func resolve(_ path: [UInt8]) throws(RequestError) -> [UInt8] {
        let segments = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var kept: [ArraySlice<UInt8>] = []
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            if segment.elementsEqual(".".utf8) {
                if isLast { kept.append([]) }
            } else if segment.elementsEqual("..".utf8) {
                guard kept.popLast() != nil else { throw .malformed }
                if isLast { kept.append([]) }
            } else {
                kept.append(segment)
            }
        }
        return [UInt8(ascii: "/")] + kept.joined(separator: [UInt8(ascii: "/")])
    }
}
