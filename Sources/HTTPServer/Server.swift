// HTTPServer owns the wire: sockets, event loops, HTTP/1.1 framing, TLS, the PROXY protocol, routing tables and static
// files. It must not know what a portal, a guest or a database is; who answers is behind `Responder`.
//
// Reading order:
//   Server, Configuration, Limits      what is started, and with which bounds
//   Messages/                          what handlers see: Request, Response, Headers, Responder
//   EventLoop/EventLoop                one thread in epoll, executor of its connections' tasks
//   EventLoop/Worker, Acceptor         what a loop's connections share, and where they come from
//   EventLoop/Census, QuietConnections how many there are, and which make room
//   EventLoop/Connection               one socket: moves bytes, does what the state machine says
//   HTTP1/HTTP1Connection              the state machine; below it scanner, head, framing, chunks, writer
//   TLS/, Routing/, Files/             OpenSSL sessions, the trie of routes, files and gzip
//
// A connection lives and dies on one loop, so nothing in it is locked. The immediate path goes from recv to send in one
// event: parse, ask `respondImmediately`, append to the loop's output, send once for all that was pipelined.

internal import CLinux
internal import Glibc
package import Logging
internal import NetworkAddress
internal import Synchronization

/// A web server for HTTP/1.1, plain and over TLS.
package final class Server: Sendable {
    private let configuration: Configuration
    private let responder: any Responder
    private let logger: Logger
    private let census: Census
    private let workers = Mutex<[Worker]>([])
    private let contexts = Mutex<[TLSContext]>([])

    /// Takes nothing of the system before `start`.
    package init(configuration: Configuration, responder: any Responder, logger: Logger) {
        self.configuration = configuration
        self.responder = responder
        self.logger = logger
        let limits = configuration.limits
        census = Census(
            limit: limits.connections > 0 ? limits.connections : Server.defaultConnectionLimit,
            limitPerClient: limits.connectionsPerClient)
    }

    /// Binds every listener, starts the loops and returns the addresses bound, in the listeners' order. Call once.
    ///
    /// Ignores SIGPIPE for the whole process, as OpenSSL writes without the flag that avoids it.
    ///
    /// - Throws: `SystemError` if an address cannot be had; `TLSError` if a certificate cannot be used.
    package func start() throws -> [SocketAddress] {
        signal(SIGPIPE, SIG_IGN)
        var sockets = ListeningSockets(loops: max(1, configuration.loops))
        let contexts = try tlsContexts()
        self.contexts.withLock { $0 = Array(contexts.values) }
        let addresses = try configuration.listeners.map { try sockets.open($0.address) }
        let workers = try (0..<sockets.loops).map { _ in
            try Worker(configuration, census: census, responder: responder, logger: logger)
        }
        for (index, worker) in workers.enumerated() {
            let owned = sockets.take(loop: index)
            try worker.loop.start(name: "http-\(index)")
            census.onNeed { [weak worker] in
                guard let worker else { return }
                worker.loop.execute { worker.closeOldestIfOver() }
            }
            worker.loop.execute { [configuration] in
                for (listener, descriptor) in zip(configuration.listeners, owned) {
                    let requiresProxyHeader = listener.proxyProtocol || configuration.proxyProtocol
                    worker.add(
                        Acceptor(
                            descriptor: descriptor, worker: worker, tls: listener.tls.flatMap { contexts[$0] },
                            requiresProxyHeader: requiresProxyHeader))
                }
            }
        }
        self.workers.withLock { $0 = workers }
        return addresses
    }

    /// Reads the files of certificates and keys again, for new connections. Files that cannot be used leave all as it
    /// was, and the log says why. Harmless without TLS.
    package func reloadCertificates() {
        for context in contexts.withLock(\.self) { context.reload() }
    }

    /// Stops accepting, lets running requests finish with `Connection: close`, closes idle connections at once and the
    /// rest after `grace`. Harmless when called twice or before `start`.
    package func shutdown(grace: Duration) async {
        let workers = self.workers.withLock { $0 }
        for worker in workers { worker.loop.execute { worker.drain() } }
        let clock = ContinuousClock()
        let end = clock.now + grace
        await drained(workers)
        while census.count > 0, clock.now < end, !Task.isCancelled {
            try? await clock.sleep(for: .milliseconds(10))
        }
        for worker in workers { worker.loop.execute { worker.closeAll() } }
        self.workers.withLock { $0 = [] }
    }

    /// Returns when each loop has begun to drain, as a connection may still be in its listener's queue before.
    private func drained(_ workers: [Worker]) async {
        for worker in workers {
            await withCheckedContinuation { continuation in worker.loop.execute { continuation.resume() } }
        }
    }

    /// What happened since the start. The counts are read one after another, not as of one moment.
    package var statistics: Statistics {
        var statistics = Statistics()
        for worker in workers.withLock({ $0 }) { worker.counters.add(to: &statistics) }
        statistics.open = census.count
        return statistics
    }

    /// Processors that are online.
    package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    private func tlsContexts() throws -> [TLSConfiguration: TLSContext] {
        let configurations = Set(configuration.listeners.compactMap(\.tls))
        return try configurations.reduce(into: [:]) { $0[$1] = try TLSContext($1, logger: logger) }
    }

    private static let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    /// Enough for any venue, and some 200 MB at most.
    private static let mostConnections = 32_768

    private static var defaultConnectionLimit: Int {
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0 else { return 900 }
        return min(max(16, Int(min(limit.rlim_cur, 1 << 20)) * 9 / 10 - 64), mostConnections)
    }

    /// Raises the number of files and connections that the process may have open to what the system allows it at most
    /// (getrlimit(2)). To be called before servers are made, whose default limit follows it. Returns the number.
    @discardableResult
    package static func raiseFileLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0 else { return 0 }
        let most = min(limit.rlim_max, 1 << 20)
        if limit.rlim_cur < most {
            var raised = rlimit(rlim_cur: most, rlim_max: limit.rlim_max)
            if setrlimit(files, &raised) == 0 { limit = raised }
        }
        return Int(min(limit.rlim_cur, 1 << 20))
    }
}
