/// Bytes that many responses share without copying.
package final class SharedBytes: Sendable {
    /// The bytes; immutable.
    package let bytes: [UInt8]

    /// Keeps `bytes` for as long as a response needs them.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }
}
