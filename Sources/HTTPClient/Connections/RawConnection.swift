internal import CCurl
internal import CLinux

/// The loop's side of a `Connection`: first a transfer that only connects, then an open socket.
///
/// Safe because it is created on the caller's thread, passed to the loop once, and then used on the loop's thread only.
final class RawConnection: Transfer, @unchecked Sendable {
    /// Provides URL, timeout and trust; its request is never sent.
    private let setup: HTTPTransfer
    private let events: @Sendable (Connection.Event) -> Void
    private(set) var handle: UnsafeMutableRawPointer?
    private(set) var descriptor: Int32 = -1
    private var unsent: ArraySlice<UInt8> = []

    /// Reads in a row before the loop handles other connections.
    private static let readsAtOnce = 16

    init(id: UInt64, request: HTTPRequest, events: @escaping @Sendable (Connection.Event) -> Void) {
        self.events = events
        setup = HTTPTransfer(id: id, request: request, userAgent: "") { result in
            if case .failure(let error) = result { events(.closed(error)) }
        }
    }

    var id: UInt64 { setup.id }

    /// Connects only; HTTP is neither sent nor offered in ALPN.
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

// After opening.
extension RawConnection {
    var hasUnsent: Bool { !unsent.isEmpty }

    /// Called when `handle` has connected. It stays in its multi handle, because removing it closes the connection.
    func open(on handle: UnsafeMutableRawPointer) {
        self.handle = handle
        descriptor = portico_curl_get_socket(handle)
        events(.opened)
    }

    /// Sends what the socket accepts and queues the rest. Returns nil, or the error that ended the connection.
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

    /// Result of reading from the socket.
    enum Reading {
        /// All available bytes are read.
        case done
        /// More bytes may be available in the TLS layer, which epoll does not report.
        case more
        case over(HTTPClientError)
    }

    /// Reads the available bytes and reports them as events. `buffer` is shared by all connections of the loop.
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
