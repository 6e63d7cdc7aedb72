import Dispatch
import Glibc

/// SIGTERM and SIGINT, as something to wait for. From its making on, neither ends the process by itself: it is made
/// before anybody can know that the program is up, so that none is lost.
struct TerminationSignal {
    private let stream: AsyncStream<Void>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.stream = stream
        sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { continuation.yield() }
            source.activate()
            return source
        }
    }

    /// Returns when the first of them comes, or has come.
    func wait() async {
        for await _ in stream { break }
        sources.forEach { $0.cancel() }
    }
}
