/// How much of an answer is taken. What is longer is given up before it fills the memory: nobody vouches for what a
/// router sends.
package struct RouterOSAnswerLimit: Sendable {
    /// As they come over the wire, names of fields included.
    package var bytes: Int
    package var rows: Int

    /// A limit made of parts.
    package init(bytes: Int, rows: Int) {
        self.bytes = bytes
        self.rows = rows
    }

    /// For one thing, or what a filter leaves of a menu; a file's text is the longest.
    package static let few = RouterOSAnswerLimit(bytes: 256 << 10, rows: 1_000)
    /// For a whole menu. 5,000 guests online take a quarter of it.
    package static let list = RouterOSAnswerLimit(bytes: 4 << 20, rows: 20_000)
}
