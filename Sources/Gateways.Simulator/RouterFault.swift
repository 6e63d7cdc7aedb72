/// A fault of the router in handling a request.
package enum RouterFault: Sendable, Equatable {
    /// The request is not executed and gets no response.
    case hang
    /// The request is executed but gets no response.
    case loseAnswer
    /// The request is executed; the response is delayed.
    case delay(Duration)
    /// The request is refused with this response. The API has no statuses; 503 is an interrupted command there.
    case refuse(status: Int, detail: String)
    /// The request is not executed; the response is a page that is not from RouterOS.
    case garbage
    /// The connection is closed. REST clients get no response instead.
    case drop(Moment)
    /// The request is not executed; the router ends the connection with this text. REST clients get no response.
    case fatal(String)
    /// The router restarts and the devices join again. The caller gets no response; API connections are closed.
    case reboot(Moment, boot: Double)

    /// When the fault occurs.
    package enum Moment: Sendable, Equatable {
        case beforeTheWork
        /// After execution and a part of the response.
        case duringTheAnswer
        /// After execution, before the response.
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
        /// Prefix of the method and path of affected requests; empty for all.
        var request: String
        var left: Int
        /// Matching requests to serve before the fault occurs.
        var spared: Int
    }
}
