internal import CZlib

/// gzip (RFC 1952) for response bodies.
package enum Gzip {
    /// `bytes` as one gzip member, `level` 1 (fast) to 9 (small). Deterministic: no time, no name.
    ///
    /// Returns an empty array if zlib is out of memory.
    package static func compress(_ bytes: [UInt8], level: Int32 = 9) -> [UInt8] {
        var stream = z_stream()
        guard czlib_begin_gzip(&stream, level) == Z_OK else { return [] }
        defer { deflateEnd(&stream) }
        return [UInt8](unsafeUninitializedCapacity: Int(deflateBound(&stream, uLong(bytes.count)))) { space, count in
            bytes.withUnsafeBufferPointer { source in
                // zlib reads from this pointer only, its type merely does not say so.
                stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                stream.avail_in = uInt(source.count)
                stream.next_out = space.baseAddress
                stream.avail_out = uInt(space.count)
                if deflate(&stream, Z_FINISH) == Z_STREAM_END { count = Int(stream.total_out) }
            }
        }
    }

    /// Whether `Accept-Encoding` allows gzip (RFC 9110 section 12.5.3): named, or covered by `*`, with a weight above 0.
    package static func isAccepted(_ acceptEncoding: String?) -> Bool {
        guard let acceptEncoding else { return false }
        var weights: [String: Bool] = [:]
        for member in acceptEncoding.lowercased().split(separator: ",") {
            let parts = member.split(separator: ";").map(\.trimmingBlanks)
            guard let coding = parts.first else { continue }
            weights[coding] = !parts.dropFirst().contains { isZeroWeight($0) }
        }
        return weights["gzip"] ?? weights["x-gzip"] ?? weights["*"] ?? false
    }

    private static func isZeroWeight(_ parameter: String) -> Bool {
        guard parameter.hasPrefix("q=") else { return false }
        return parameter.dropFirst(2).allSatisfy { $0 == "0" || $0 == "." }
    }
}
