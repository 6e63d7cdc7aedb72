internal import CZlib

/// gzip (RFC 1952) for response bodies.
package enum Gzip {
    /// Compresses `bytes` to one gzip member; `level` is 1 (fast) to 9 (small). Deterministic: without time and name.
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
        // zlib only reads from this pointer, although its type is mutable.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
        stream.pointee.avail_in = uInt(source.count)
        stream.pointee.next_out = space.baseAddress
        stream.pointee.avail_out = uInt(space.count)
        return deflate(stream, Z_FINISH) == Z_STREAM_END ? Int(stream.pointee.total_out) : 0
    }

    /// Whether `Accept-Encoding` allows gzip (RFC 9110 section 12.5.3): named, or covered by `*`,
    /// with a weight above 0.
    package static func isAccepted(_ acceptEncoding: String?) -> Bool {
        guard var acceptEncoding else { return false }
        return acceptEncoding.withUTF8 { bytes in
            var any = false
            var position = 0
            while position < bytes.count {
                let end = bytes[position...].firstIndex(of: UInt8(ascii: ",")) ?? bytes.count
                let coding = Coding(bytes[position..<end])
                if let coding, coding.isGzip { return coding.isWanted }
                if let coding { any = coding.isWanted }
                position = end + 1
            }
            return any
        }
    }

    /// A member of the field that concerns gzip: its name or the wildcard. Parsed in place, because it is read for
    /// every page.
    private struct Coding {
        let isGzip: Bool
        /// False for a weight of zero.
        let isWanted: Bool

        init?(_ member: Slice<UnsafeBufferPointer<UInt8>>) {
            let name = member.prefix { $0 != UInt8(ascii: ";") }
            let token = name.drop(while: Self.isBlank).prefix { !Self.isBlank($0) }
            isGzip = Self.matches(token, "gzip") || Self.matches(token, "x-gzip")
            guard isGzip || Self.matches(token, "*") else { return nil }
            let weight = member.dropFirst(name.count).drop { $0 != UInt8(ascii: "=") }.dropFirst()
            isWanted = weight.isEmpty || weight.contains { (UInt8(ascii: "1")...UInt8(ascii: "9")).contains($0) }
        }

        private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

        private static func matches(_ token: Slice<UnsafeBufferPointer<UInt8>>, _ name: StaticString) -> Bool {
            guard token.count == name.utf8CodeUnitCount else { return false }
            return zip(token, UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
                .allSatisfy { $0 | 0x20 == $1 | 0x20 }
        }
    }
}
