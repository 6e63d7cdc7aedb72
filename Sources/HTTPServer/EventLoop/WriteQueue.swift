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

    /// Passes the first piece to `write`, which returns the number of bytes written; false if that was not all of it.
    mutating func send(_ write: (UnsafeRawBufferPointer) -> Int) -> Bool {
        let piece = pieces[0]
        let taken = piece.withUnsafeBytes { write(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
        offset += taken
        guard offset == piece.count else { return false }
        pieces.removeFirst()
        offset = 0
        if pieces.isEmpty { pieces = [] }
        return true
    }
}
