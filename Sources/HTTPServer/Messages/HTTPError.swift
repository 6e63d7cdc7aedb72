/// A failure that knows the status it should be answered with.
package struct HTTPError: Error, Sendable {
    /// What to answer.
    package let status: Status
    /// For the client to read; never holds a secret.
    package let message: String

    /// An error for whoever owns the one place where errors become answers.
    package init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}
