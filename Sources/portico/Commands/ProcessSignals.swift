import Dispatch
import Glibc

/// Signal handling of a server process. Create it before the server reports that it is up, so that no signal is lost:
/// from then on no handled or ignored signal terminates the process.
///
/// SIGTERM, SIGINT and SIGQUIT stop the server. SIGHUP reloads the certificates. Other signals that terminate a process
/// by default are ignored, except those that report a fault of the program.
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

    /// With SIGXFSZ ignored, a write beyond the file size limit fails like one on a full disk. 34 to 64 are the
    /// real-time signals that the C library does not use.
    private static let ignored: [Int32] =
        [SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGVTALRM, SIGPROF, SIGPOLL, SIGPWR, SIGSTKFLT, SIGXFSZ] + Array(34...64)

    /// Waits for a stop signal, including one received before the call, and returns its name. Calls `reload` for each
    /// reload signal meanwhile.
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
