import Dispatch
import Glibc

/// The signals of a program that serves. From its making on none of them ends the process by itself: it is made before
/// anybody can know that the program is up, so that none is lost.
///
/// SIGTERM and SIGINT ask it to stop, SIGQUIT too. SIGHUP asks it to read its certificate again. All others whose
/// default would end the process without a word are ignored; those that tell of a fault in the program are not.
struct ProcessSignals {
    private enum Event: Sendable {
        case stop(String)
        case reload
    }

    private let events: AsyncStream<Event>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Event.self)
        events = stream
        for number in Self.ignored { signal(number, SIG_IGN) }
        sources = Self.handled.map { number, event in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield(event) }
            source.activate()
            return source
        }
    }

    private static let handled: [(number: Int32, event: Event)] = [
        (SIGTERM, .stop("SIGTERM")), (SIGINT, .stop("SIGINT")), (SIGQUIT, .stop("SIGQUIT")), (SIGHUP, .reload),
    ]

    /// A write beyond the file size limit then fails, as on a full disk. 34 to 64 are the real-time signals that the C
    /// library leaves to programs.
    private static let ignored: [Int32] =
        [SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR, SIGSTKFLT, SIGXFSZ] + Array(34...64)

    /// Returns the name of the first signal that asks the program to stop, or has asked before. Runs `reload` for each
    /// that asks to read files again.
    func stop(reload: () -> Void = {}) async -> String {
        defer { sources.forEach { $0.cancel() } }
        for await event in events {
            switch event {
            case .stop(let name): return name
            case .reload: reload()
            }
        }
        return "no signal"
    }
}
