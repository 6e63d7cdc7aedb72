extension Server {
    /// How much a client may ask for, and how long it may take. Each has its own refusal; then the connection ends.
    package struct Limits: Sendable {
        /// Bytes of the request line: 414.
        package var requestLine = 8 << 10
        /// Bytes of all fields together, and of all trailers: 431.
        package var headerBytes = 16 << 10
        /// Number of fields, and of trailers: 431.
        package var headerFields = 100
        /// For a whole head, however it dribbles: 408.
        package var headerTime = Duration.seconds(10)
        /// Bytes a second that a body must average once `bodyRateGrace` is over: 408.
        package var bodyRate = 500
        /// Time in which a body may be slower than `bodyRate`.
        package var bodyRateGrace = Duration.seconds(5)
        /// For a whole body: 408.
        package var bodyTime = Duration.seconds(30)
        /// Between requests; then the connection is closed.
        package var idleTime = Duration.seconds(15)
        /// For a TLS handshake, and before it for a PROXY header; then the connection is closed.
        package var handshakeTime = Duration.seconds(10)
        /// Without a byte of a response taken; then the connection is reset.
        package var writeStall = Duration.seconds(20)
        /// Open connections in all. Above it, each new one closes the one that has waited for its client for longest:
        /// idle, sending slowly, or taking its response slowly. If handlers work for all, the new one gets 503. 0: nine
        /// tenths of the process's descriptors, less 64, at most 32,768.
        package var connections = 0
        /// Open connections of one client, which is an IPv4 address or an IPv6 /64, trusted proxies aside. Above it, as
        /// above `connections`, among the client's own. 0: as many as are free.
        package var connectionsPerClient = 0
        /// Then the connection is closed after the response.
        package var requestsPerConnection = 10_000

        /// The defaults above.
        package init() {}
    }
}
