/// A message that the server will not take: answered with `status`, then the connection ends.
struct Refusal: Error, Equatable {
    let status: Status
    /// The path as sent, where it is what could not be taken.
    let path: String?

    init(_ status: Status, path: String? = nil) {
        self.status = status
        self.path = path
    }

    static let malformed = Refusal(.badRequest)
}
