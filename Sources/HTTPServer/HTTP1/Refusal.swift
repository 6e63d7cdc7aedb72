/// A message that the server will not take: answered with `status`, then the connection ends.
struct Refusal: Error, Equatable {
    let status: Status

    init(_ status: Status) { self.status = status }

    static let malformed = Refusal(.badRequest)
}
