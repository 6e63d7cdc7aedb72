/// The largest response that is read. A longer one is aborted, so that a faulty or hostile router cannot exhaust the
/// memory.
package struct RouterOSAnswerLimit: Sendable {
    /// Bytes on the wire, field names included.
    package var bytes: Int
    package var rows: Int

    package init(bytes: Int, rows: Int) {
        self.bytes = bytes
        self.rows = rows
    }

    /// For a single row or a filtered menu. The longest value is a file's text.
    package static let few = RouterOSAnswerLimit(bytes: 256 << 10, rows: 1_000)
    /// For a whole menu. 5,000 active guests take a quarter of it.
    package static let list = RouterOSAnswerLimit(bytes: 4 << 20, rows: 20_000)
}
