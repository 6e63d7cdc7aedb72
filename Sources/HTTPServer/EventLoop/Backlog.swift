/// Bytes that a socket did not take yet, in order. Holds no memory while empty.
struct Backlog {
    private var pieces: [[UInt8]] = []
    private var offset = 0

    var isEmpty: Bool { pieces.isEmpty }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if !bytes.isEmpty { pieces.append([UInt8](bytes)) }
    }

    /// Shares `bytes` from `start` on rather than copying them.
    mutating func append(_ bytes: [UInt8], from start: Int) {
        guard start < bytes.count else { return }
        if pieces.isEmpty {
            offset = start
            pieces.append(bytes)
        } else {
            pieces.append(start == 0 ? bytes : Array(bytes[start...]))
        }
    }

    /// Offers the first piece to `write`, which says how many bytes it took; false if it took less than there was.
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
