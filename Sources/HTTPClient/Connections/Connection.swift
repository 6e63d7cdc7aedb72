package import NetworkAddress

/// A TCP or TLS connection for a protocol that the caller implements. Callable from any thread.
///
/// Events are passed to `events` on the client's thread, in order: `.opened` once, `.received` for each piece of data,
/// and `.closed` once at the end, also if the connection was never opened. `events` must not block.
package final class Connection: Sendable {
    /// An event of the connection.
    package enum Event: Sendable {
        case opened
        case received([UInt8])
        /// The last event. `.cancelled` if this side closed the connection.
        case closed(HTTPClientError)
    }

    private let id: UInt64
    /// Keeps the client's thread running.
    private let client: HTTPClient

    init(id: UInt64, client: HTTPClient) {
        self.id = id
        self.client = client
    }

    deinit { close() }

    /// Sends `bytes` after those sent before. Before `.opened` and after `.closed`, drops them.
    package func send(_ bytes: [UInt8]) { client.loop.send(bytes, on: id) }

    /// Closes the connection; does nothing if it is closed.
    package func close() { client.loop.cancel(id) }
}

extension HTTPClient {
    /// Starts connecting to `url`, of which only scheme (`https` for TLS, otherwise `http`), host and port are used; no
    /// HTTP is sent. `timeout` covers the connection and its handshake; `admits` is as in `HTTPRequest`. Releasing the
    /// returned object closes the connection.
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
