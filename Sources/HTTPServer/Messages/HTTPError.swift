/// An error with the status of its response.
package struct HTTPError: Error, Sendable {
    /// Status of the response.
    package let status: Status
    /// Shown to the client; must not contain secrets.
    package let message: String

    /// An error that the responder turns into a response.
    package init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }
}
