/// Bytes still to be written to a socket, in order. Uses no memory while empty.
struct WriteQueue {
    private var pieces: [[UInt8]] = []
    private var offset = 0

    var isEmpty: Bool { pieces.isEmpty }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if !bytes.isEmpty { pieces.append([UInt8](bytes)) }
    }

    /// Appends `bytes` from `start` on, without copying them if the queue is empty.
    mutating func append(_ bytes: [UInt8], from start: Int) {
        guard start < bytes.count else { return }
        if pieces.isEmpty {
            offset = start
            pieces.append(bytes)
        } else {
            pieces.append(start == 0 ? bytes : Array(bytes[start...]))
        }
    }

    /// The first bytes to write; not to be called while the queue is empty.
    var first: ArraySlice<UInt8> { pieces[0][offset...] }

    /// Removes the first `count` bytes. Returns false if bytes of the first piece are left.
    mutating func removeFirst(_ count: Int) -> Bool {
        offset += count
        guard offset == pieces[0].count else { return false }
        pieces.removeFirst()
        offset = 0
        if pieces.isEmpty { pieces = [] }
        return true
    }
}
