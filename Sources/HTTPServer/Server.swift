// HTTPServer implements the web server: sockets, event loops, HTTP/1.1 framing, TLS, the PROXY protocol, routing tables
// and static files. It must not depend on portals, guests or databases; the application implements `Responder`.
//
// Reading order:
//   Server, Configuration, Limits      the server and its settings
//   Messages/                          the API for handlers: Request, Response, Headers, Responder
//   EventLoop/EventLoop                one thread in epoll_wait; executor of its connections' tasks
//   EventLoop/Worker, Acceptor         resources shared by a loop's connections; accepting connections
//   EventLoop/ConnectionCounter        number of open connections, in total and per client
//   EventLoop/WaitingConnections       which connection to close when there are too many
//   EventLoop/Connection               one socket: moves bytes and executes the state machine's actions
//   HTTP1/HTTP1StateMachine            the state machine; it uses scanner, head, framing, chunk decoder and writer
//   TLS/, Routing/, Files/             OpenSSL sessions, the trie of routes, static files and gzip
//
// A connection stays on one loop, so nothing in it is locked. The immediate path goes from recv to send in one event:
// parse, call `respondImmediately`, append to the loop's output, send once for all pipelined requests.

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
    private let connections: ConnectionCounter
    private let workers = Mutex<[Worker]>([])
    private let contexts = Mutex<[TLSContext]>([])

    /// Allocates no system resources; `start` does.
    package init(configuration: Configuration, responder: any Responder, logger: Logger) {
        self.configuration = configuration
        self.responder = responder
        self.logger = logger
        let limits = configuration.limits
        connections = ConnectionCounter(
            limit: limits.connections > 0
                ? min(limits.connections, Server.mostDescriptors)
                : min(Server.mostConnections, Server.mostDescriptors),
            limitPerClient: limits.connectionsPerClient)
    }

    /// Binds every listener, starts the loops and returns the bound addresses, in the listeners' order. Call once.
    ///
    /// Ignores SIGPIPE for the whole process, because OpenSSL writes without MSG_NOSIGNAL.
    ///
    /// - Throws: `SystemError` if an address cannot be bound; `TLSError` if a certificate cannot be used.
    package func start() throws -> [SocketAddress] {
        signal(SIGPIPE, SIG_IGN)
        if configuration.limits.connections > Server.mostDescriptors {
            logger.warning(
                "the process may not open enough files for the configured number of connections",
                metadata: ["connections": "\(Server.mostDescriptors)"])
        }
        var sockets = ListeningSockets(loops: max(1, configuration.loops))
        let contexts = try tlsContexts()
        self.contexts.withLock { $0 = Array(contexts.values) }
        let addresses = try configuration.listeners.map { try sockets.open($0.address) }
        let workers = try (0..<sockets.loops).map { _ in
            try Worker(configuration, connections: connections, responder: responder, logger: logger)
        }
        for (index, worker) in workers.enumerated() {
            let owned = sockets.take(loop: index)
            try worker.loop.start(name: "http-\(index)")
            connections.onOverload { [weak worker] client in
                guard let worker else { return }
                worker.loop.execute { worker.closeOldestIfOver(of: client) }
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

    /// Reloads certificates and keys for new connections. If a file cannot be used, keeps the previous certificate and
    /// logs the reason. Does nothing without TLS.
    package func reloadCertificates() {
        for context in contexts.withLock(\.self) { context.reload() }
    }

    /// Stops accepting, closes idle connections at once, lets running requests finish with `Connection: close`, and
    /// closes the remaining connections after `grace`. May be called twice or before `start`.
    package func shutdown(grace: Duration) async {
        let workers = self.workers.withLock { $0 }
        for worker in workers { worker.loop.execute { worker.drain() } }
        let clock = ContinuousClock()
        let end = clock.now + grace
        await drained(workers)
        while connections.count > 0, clock.now < end, !Task.isCancelled {
            try? await clock.sleep(for: .milliseconds(10))
        }
        for worker in workers { worker.loop.execute { worker.closeAll() } }
        self.workers.withLock { $0 = [] }
    }

    /// Returns when every loop has begun to drain. Before that, connections may still be in a listener's queue.
    private func drained(_ workers: [Worker]) async {
        for worker in workers {
            await withCheckedContinuation { continuation in worker.loop.execute { continuation.resume() } }
        }
    }

    /// Counts since the start. They are read one after another, not as one consistent snapshot.
    package var statistics: Statistics {
        var statistics = Statistics()
        for worker in workers.withLock({ $0 }) { worker.counters.add(to: &statistics) }
        statistics.open = connections.count
        return statistics
    }

    /// Number of online processors.
    package static var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    private func tlsContexts() throws -> [TLSConfiguration: TLSContext] {
        let configurations = Set(configuration.listeners.compactMap(\.tls))
        return try configurations.reduce(into: [:]) { $0[$1] = try TLSContext($1, logger: logger) }
    }

    private static let files = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    /// More than a venue needs; about 200 MB at most.
    private static let mostConnections = 32_768

    /// Descriptors that connections may use, without those above the limit of connections.
    private static var mostDescriptors: Int { max(16, fileLimit * 9 / 10 - 64 - ConnectionCounter.mostAboveLimit) }

    /// The lowest descriptor that belongs to a reserve of `count`.
    static func firstReservedDescriptor(of count: Int) -> Int32 {
        Int32(clamping: count > 0 ? fileLimit - min(count, fileLimit / 4) : .max)
    }

    /// The process's soft limit of open files and connections.
    private static var fileLimit: Int {
        var limit = rlimit()
        guard getrlimit(files, &limit) == 0 else { return 1_024 }
        return Int(min(limit.rlim_cur, 1 << 20))
    }

    /// Raises the process's soft limit of open files and connections to the hard limit (getrlimit(2)) and returns it.
    /// Call it before creating a server, because the default of `Limits.connections` depends on it.
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
