import Dispatch
import Glibc

/// SIGTERM and SIGINT, as something to wait for.
enum TerminationSignal {
    /// Returns when the first of them comes. From the call on, neither ends the process by itself.
    static func wait() async {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.activate()
            return source
        }
        for await _ in stream { break }
        sources.forEach { $0.cancel() }
    }
}
