/// Bytes that many responses share without copying.
package final class SharedBytes: Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }
}
