/// What can go wrong with a request.
package enum RouterFault: Sendable, Equatable {
    /// Nothing is done, and the answer never comes.
    case hang
    /// The work is done, and the answer never comes.
    case loseAnswer
    /// The work is done; the answer comes later.
    case delay(Duration)
    /// Nothing is done; the answer is this refusal. The API knows no status: 503 is an interrupted command there.
    case refuse(status: Int, detail: String)
    /// Nothing is done; the answer is a page of something that is not RouterOS.
    case garbage
    /// The connection breaks. REST's clients just get no answer.
    case drop(Moment)
    /// Nothing is done; the router ends the connection with these words. REST's clients get no answer.
    case fatal(String)
    /// The router restarts, and the devices join it again. The caller gets no answer; a connection to the API breaks.
    case reboot(Moment, boot: Double)

    /// When it happens.
    package enum Moment: Sendable, Equatable {
        case beforeTheWork
        /// After the work; a part of the answer has come.
        case duringTheAnswer
        /// After the work; nothing of the answer has come.
        case beforeTheAnswer
    }

    var doesTheWork: Bool {
        switch self {
        case .loseAnswer, .delay: true
        case .hang, .refuse, .garbage, .fatal: false
        case .drop(let moment), .reboot(let moment, _): moment != .beforeTheWork
        }
    }

    struct Planned {
        var fault: RouterFault
        /// The beginning of method and path; empty for all.
        var request: String
        var left: Int
        /// Requests that go well before.
        var spared: Int
    }
}
