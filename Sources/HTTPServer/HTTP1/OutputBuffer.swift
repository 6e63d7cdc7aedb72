/// A growing, reusable byte buffer.
///
/// Confined to one thread. Owns its memory from `init` to `deinit`; `count` never exceeds `capacity`.
final class OutputBuffer {
    private var base: UnsafeMutableRawPointer
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 64)
        base = .allocate(byteCount: self.capacity, alignment: 16)
    }

    deinit { base.deallocate() }

    /// The content; valid until the next change.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    func copy() -> [UInt8] { [UInt8](bytes) }

    /// Removes all but the first `newCount` bytes.
    func truncate(to newCount: Int) { count = min(count, max(0, newCount)) }

    func append(_ source: UnsafeRawBufferPointer) {
        reserve(source.count)
        if let start = source.baseAddress { (base + count).copyMemory(from: start, byteCount: source.count) }
        count += source.count
    }

    func append(_ source: [UInt8]) { source.withUnsafeBytes { append($0) } }

    func append(_ source: StaticString) {
        append(UnsafeRawBufferPointer(start: source.utf8Start, count: source.utf8CodeUnitCount))
    }

    func append(_ source: String) {
        var source = source
        source.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    /// Appends `number` in decimal digits.
    func append(decimal number: Int) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { space in
            var (start, rest) = (space.count, number.magnitude)
            repeat {
                start -= 1
                space[start] = UInt8(0x30 + rest % 10)
                rest /= 10
            } while rest > 0
            append(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(space)[start...]))
        }
    }

    private func reserve(_ extra: Int) {
        guard count + extra > capacity else { return }
        let grown = max(capacity * 2, count + extra)
        let fresh = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
        fresh.copyMemory(from: base, byteCount: count)
        base.deallocate()
        (base, capacity) = (fresh, grown)
    }
}
