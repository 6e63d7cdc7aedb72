internal import NetworkAddress

/// Names and values of a query or form in order (`application/x-www-form-urlencoded`, WHATWG URL section 5).
package struct FormFields: Sendable {
    /// Decoded fields in order, including repeated names.
    package let all: [(name: String, value: String)]

    /// Creates fields from decoded names and values.
    package init(_ all: [(name: String, value: String)] = []) { self.all = all }

    /// Decodes percent escapes, and `+` as space. Invalid UTF-8 and too long runs of combining marks become U+FFFD
    /// (`String.init(streamSafe:)`); an invalid escape is kept as is.
    package init(decoding text: some Collection<UInt8>) {
        all = text.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            return (FormFields.decode(parts[0]), parts.count == 2 ? FormFields.decode(parts[1]) : "")
        }
    }

    /// The first value of `name`.
    package subscript(_ name: String) -> String? { all.first { $0.name.hasBytes(of: name) }?.value }

    /// All values of `name`, in order.
    package func values(_ name: String) -> [String] { all.filter { $0.name.hasBytes(of: name) }.map(\.value) }

    static func decode(_ text: some Collection<UInt8>) -> String {
        guard text.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else {
            return String(streamSafe: text)
        }
        let bytes = Array(text)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), let byte = PercentEncoding.byte(in: bytes, at: index) {
                decoded.append(byte)
                index += 3
            } else {
                decoded.append(bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
                index += 1
            }
        }
        return String(streamSafe: decoded)
    }
}

extension String {
    /// Whether the bytes are the same; `==` compares normal forms, which takes longer.
    func hasBytes(of other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
