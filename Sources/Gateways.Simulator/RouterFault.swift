/// What can go wrong with a request.
package enum RouterFault: Sendable, Equatable {
    /// Nothing is done, and the answer never comes.
    case hang
    /// The work is done, and the answer never comes.
    case loseAnswer
    /// The work is done; the answer comes later.
    case delay(Duration)
    /// Nothing is done; the answer is this refusal.
    case refuse(status: Int, detail: String)
    /// Nothing is done; the answer is a page of something that is not RouterOS.
    case garbage

    var doesTheWork: Bool {
        switch self {
        case .loseAnswer, .delay: true
        case .hang, .refuse, .garbage: false
        }
    }

    struct Planned {
        var fault: RouterFault
        /// The beginning of method and path; empty for all.
        var request: String
        var left: Int
    }
}
