internal import NetworkAddress

/// Header fields in order, including repeated names.
///
/// Names are compared ignoring ASCII case; a lookup that finds nothing allocates nothing. Fields of a request are
/// slices of the received head until they are read.
package struct Headers: Sendable, ExpressibleByDictionaryLiteral {
    private enum Storage: Sendable {
        case received(bytes: [UInt8], slices: [FieldSlice])
        case made([(name: String, value: String)])
    }

    private var storage: Storage

    /// Fields as given. A response with a field that contains CR, LF or NUL is replaced with 500
    /// (RFC 9112 section 11.1).
    package init(_ fields: [(name: String, value: String)] = []) { storage = .made(fields) }

    /// Fields in the literal's order; names may repeat.
    package init(dictionaryLiteral elements: (String, String)...) {
        storage = .made(elements.map { (name: $0.0, value: $0.1) })
    }

    init(bytes: [UInt8], slices: [FieldSlice]) { storage = .received(bytes: bytes, slices: slices) }

    /// The first value of `name`; setting replaces all of them, nil removes them.
    package subscript(_ name: String) -> String? {
        get {
            switch storage {
            case .received(let bytes, let slices):
                slices.first { $0.isNamed(name, in: bytes) }.map { $0.text(of: $0.value, in: bytes) }
            case .made(let fields):
                fields.first { $0.name.equalsIgnoringASCIICase(name) }?.value
            }
        }
        set {
            var kept = fields
            kept.removeAll { $0.name.equalsIgnoringASCIICase(name) }
            if let newValue { kept.append((name, newValue)) }
            storage = .made(kept)
        }
    }

    /// All values of `name`, in order.
    package func values(_ name: String) -> [String] {
        switch storage {
        case .received(let bytes, let slices):
            slices.filter { $0.isNamed(name, in: bytes) }.map { $0.text(of: $0.value, in: bytes) }
        case .made(let fields):
            fields.filter { $0.name.equalsIgnoringASCIICase(name) }.map(\.value)
        }
    }

    /// Appends a field; keeps others with the same name.
    package mutating func add(_ name: String, _ value: String) {
        if case .made(var fields) = storage {
            storage = .made([])
            fields.append((name, value))
            storage = .made(fields)
        } else {
            storage = .made(fields + [(name, value)])
        }
    }

    /// All fields in order.
    package var fields: [(name: String, value: String)] {
        switch storage {
        case .received(let bytes, let slices):
            slices.map { ($0.text(of: $0.name, in: bytes), $0.text(of: $0.value, in: bytes)) }
        case .made(let fields): fields
        }
    }
}

/// The position of a field in a received head.
struct FieldSlice: Sendable, Equatable {
    let name: ByteRange
    let value: ByteRange

    func isNamed(_ other: String, in bytes: [UInt8]) -> Bool {
        let other = other.utf8
        guard other.count == name.count else { return false }
        var index = Int(name.start)
        for byte in other {
            guard byte.asciiLowercased == bytes[index].asciiLowercased else { return false }
            index += 1
        }
        return true
    }

    func text(of range: ByteRange, in bytes: [UInt8]) -> String {
        String(streamSafe: bytes[range.indices])
    }
}

/// A half-open range of a head, half the size of `Range<Int>`.
struct ByteRange: Sendable, Equatable {
    let start: UInt32
    let end: UInt32

    init(_ start: Int, _ end: Int) {
        self.start = UInt32(start)
        self.end = UInt32(end)
    }

    var count: Int { Int(end) - Int(start) }
    var indices: Range<Int> { Int(start)..<Int(end) }
}
