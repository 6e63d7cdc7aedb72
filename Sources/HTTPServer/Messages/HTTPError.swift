/// A failure that knows the status it should be answered with.
package struct HTTPError: Error, Sendable {
    package let status: Status
    /// For the client to read; never holds a secret.
    package let message: String

    package init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}
