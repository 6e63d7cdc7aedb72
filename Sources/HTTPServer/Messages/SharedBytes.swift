/// Bytes that many responses share without copying.
package final class SharedBytes: Sendable {
    /// The bytes; immutable.
    package let bytes: [UInt8]

    /// Wraps `bytes`.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }
}
