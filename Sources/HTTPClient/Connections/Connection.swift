package import NetworkAddress

/// A connection, plain or over TLS, on which the caller speaks a protocol of its own. Callable from any thread.
///
/// What happens to it is told to `events` on the client's one thread, in order: `.opened` once, `.received` as often as
/// bytes come, and at the end, whatever the reason, `.closed` once. The receiver must not block.
package final class Connection: Sendable {
    /// What happened.
    package enum Event: Sendable {
        case opened
        case received([UInt8])
        /// No more events come. `.cancelled` if this side closed it.
        case closed(HTTPClientError)
    }

    private let id: UInt64
    /// Keeps the thread alive as long as anyone can send.
    private let client: HTTPClient

    init(id: UInt64, client: HTTPClient) {
        self.id = id
        self.client = client
    }

    deinit { close() }

    /// Sends `bytes` behind what was sent before; before `.opened`, or after the end, they are dropped.
    package func send(_ bytes: [UInt8]) { client.loop.send(bytes, on: id) }

    /// Ends it. Harmless when it has ended.
    package func close() { client.loop.cancel(id) }
}

extension HTTPClient {
    /// Begins to connect to `url`, of which scheme (`https` for TLS, else `http`), host and port count; no HTTP is
    /// spoken. `timeout` is for the connection and its handshake. The connection ends when what is
    /// returned is released. `admits` as in `HTTPRequest`.
    package func connect(
        to url: String, timeout: Duration, trust: HTTPRequest.Trust = .system(),
        admits: (@Sendable (IPAddress) -> Bool)? = nil,
        events: @escaping @Sendable (Connection.Event) -> Void
    ) -> Connection {
        let id = loop.nextID()
        var request = HTTPRequest("GET", url, timeout: timeout, trust: trust)
        request.admits = admits
        loop.submit(RawConnection(id: id, request: request, events: events))
        return Connection(id: id, client: self)
    }
}
