/// A request that the server refuses: it responds with `status` and closes the connection.
struct RequestError: Error, Equatable {
    let status: Status
    /// The path as sent; nil unless the path is the invalid part.
    let path: String?

    init(_ status: Status, path: String? = nil) {
        self.status = status
        self.path = path
    }

    static let malformed = RequestError(.badRequest)
}
