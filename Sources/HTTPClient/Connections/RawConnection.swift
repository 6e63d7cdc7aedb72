internal import CCurl
internal import CLinux

/// A connection that is the caller's to use: first a transfer that does nothing but connect, then an open socket.
///
/// Safe because it is made on the caller's thread, handed over once, and from then on touched by the
/// loop's thread alone.
final class RawConnection: Transfer, @unchecked Sendable {
    /// Knows address, time and trust; its request is never sent.
    private let setup: HTTPTransfer
    private let events: @Sendable (Connection.Event) -> Void
    private(set) var handle: UnsafeMutableRawPointer?
    private(set) var descriptor: Int32 = -1
    private var unsent: ArraySlice<UInt8> = []

    /// Reads in a row before other connections get their turn.
    private static let readsAtOnce = 16

    init(id: UInt64, request: HTTPRequest, events: @escaping @Sendable (Connection.Event) -> Void) {
        self.events = events
        setup = HTTPTransfer(id: id, request: request, userAgent: "") { result in
            if case .failure(let error) = result { events(.closed(error)) }
        }
    }

    var id: UInt64 { setup.id }

    /// A connection for a protocol of the caller's own: HTTP is neither spoken nor offered.
    func configure(_ handle: UnsafeMutableRawPointer) -> CURLcode {
        firstFailure([
            setup.configure(handle), portico_curl_set_long(handle, CURLOPT_CONNECT_ONLY, 1),
            portico_curl_set_long(handle, CURLOPT_SSL_ENABLE_ALPN, 0),
        ])
    }

    func end(_ handle: UnsafeMutableRawPointer, code: CURLcode) { setup.end(handle, code: code) }
    func end(_ failure: HTTPClientError) { setup.end(failure) }
    func release() { setup.release() }
}

// Once it is open.
extension RawConnection {
    var hasUnsent: Bool { !unsent.isEmpty }

    /// `handle` has connected and stays in its multi handle: libcurl closes the connection when it is taken out.
    func open(on handle: UnsafeMutableRawPointer) {
        self.handle = handle
        descriptor = portico_curl_get_socket(handle)
        events(.opened)
    }

    /// Sends what the socket takes and keeps the rest. Nil, or why the connection is over.
    func send(_ bytes: [UInt8]) -> HTTPClientError? {
        unsent.append(contentsOf: bytes)
        while !unsent.isEmpty {
            var sent = 0
            let code = unsent.withUnsafeBytes { curl_easy_send(handle, $0.baseAddress, $0.count, &sent) }
            if code == CURLE_AGAIN { return nil }
            guard code == CURLE_OK else { return HTTPClientError(code, detail: "") }
            unsent.removeFirst(sent)
        }
        unsent = []
        return nil
    }

    /// What a look at the socket brought.
    enum Reading {
        /// Everything is read.
        case done
        /// More may be waiting where epoll does not see it, in the TLS layer.
        case more
        case over(HTTPClientError)
    }

    /// Gives out what has come. `buffer` is the loop's, for all its connections.
    func receive(into buffer: UnsafeMutableRawBufferPointer) -> Reading {
        for _ in 0..<Self.readsAtOnce {
            var count = 0
            let code = curl_easy_recv(handle, buffer.baseAddress, buffer.count, &count)
            if code == CURLE_AGAIN { return .done }
            guard code == CURLE_OK else { return .over(HTTPClientError(code, detail: "")) }
            guard count > 0 else { return .over(.interrupted("the other side closed the connection")) }
            events(.received(Array(buffer[..<count])))
        }
        return .more
    }
}
