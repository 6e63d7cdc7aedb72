internal import CZlib

/// gzip (RFC 1952) for response bodies.
package enum Gzip {
    /// `bytes` as one gzip member, `level` 1 (fast) to 9 (small). Deterministic: no time, no name.
    ///
    /// Returns an empty array if zlib is out of memory.
    package static func compress(_ bytes: [UInt8], level: Int32 = 9) -> [UInt8] {
        var state = z_stream()
        return withUnsafeMutablePointer(to: &state) { stream in
            guard czlib_begin_gzip(stream, level) == Z_OK else { return [] }
            defer { deflateEnd(stream) }
            let largest = Int(deflateBound(stream, uLong(bytes.count)))
            return [UInt8](unsafeUninitializedCapacity: largest) { space, count in
                bytes.withUnsafeBufferPointer { source in count = deflateAll(stream, source, into: space) }
            }
        }
    }

    private static func deflateAll(
        _ stream: UnsafeMutablePointer<z_stream>, _ source: UnsafeBufferPointer<UInt8>,
        into space: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        // zlib reads from this pointer only, its type merely does not say so.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.pointee.avail_in = uInt(source.count)
        stream.pointee.next_out = space.baseAddress
        stream.pointee.avail_out = uInt(space.count)
        return deflate(stream, Z_FINISH) == Z_STREAM_END ? Int(stream.pointee.total_out) : 0
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
