extension Server {
    /// Bounds on the size and duration of requests and on connections.
    ///
    /// The status in each comment is the response to a request over the limit; the connection is then closed.
    package struct Limits: Sendable {
        /// Bytes of the request line: 414.
        package var requestLine = 8 << 10
        /// Bytes of all fields together, and of all trailers: 431.
        package var headerBytes = 16 << 10
        /// Number of fields, and of trailers: 431.
        package var headerFields = 100
        /// Time for a whole head, however slowly its bytes arrive: 408.
        package var headerTime = Duration.seconds(10)
        /// Minimum average bytes per second of a body after `bodyRateGrace`: 408.
        package var bodyRate = 500
        /// Time during which a body may be slower than `bodyRate`.
        package var bodyRateGrace = Duration.seconds(5)
        /// Time for a whole body: 408.
        package var bodyTime = Duration.seconds(30)
        /// Time between requests; then the connection is closed without a response.
        package var idleTime = Duration.seconds(15)
        /// Time for a PROXY header and a TLS handshake together; then the connection is closed.
        package var handshakeTime = Duration.seconds(10)
        /// Time without the client receiving a byte of a response; then the connection is reset.
        package var writeStall = Duration.seconds(20)
        /// Maximum number of open connections. Above it, each new connection closes the one that has waited longest for
        /// its client (idle, sending or receiving slowly, or in `Request.whileReplaceable`). If every connection has a
        /// running handler, the new one gets 503, or is reset if many are refused, except that a client without other
        /// connections may exceed the limit by 32 in all. 0 means nine tenths of the process's
        /// file descriptor limit, less 128, at most 32,768. A greater number than the descriptors allow is reduced.
        package var connections = 0
        /// Maximum number of open connections of one client: an IPv4 address or an IPv6 /64. Trusted proxies are not
        /// counted. Above it, a new connection closes another one of the same client, as for `connections`; if
        /// its waiting connections are on other loops, the client has up to eight more until one is closed. 0 means as
        /// many as are free.
        package var connectionsPerClient = 0
        /// The connection is closed after the response to the last of these requests.
        package var requestsPerConnection = 10_000

        /// The defaults above.
        package init() {}
    }
}
