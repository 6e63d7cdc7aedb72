internal import CCurl
internal import CLinux

/// An open connection that is the caller's to use, as the loop's thread sees it.
///
/// Safe because it is made on the caller's thread, handed over once, and from then on touched by the loop's thread alone.
final class Link: @unchecked Sendable {
    let id: UInt64
    let events: @Sendable (Connection.Event) -> Void
    private(set) var handle: UnsafeMutableRawPointer?
    private(set) var descriptor: Int32 = -1
    private var unsent: ArraySlice<UInt8> = []

    /// Reads in a row before other connections get their turn.
    private static let readsAtOnce = 16

    init(id: UInt64, events: @escaping @Sendable (Connection.Event) -> Void) {
        self.id = id
        self.events = events
    }

    var hasUnsent: Bool { !unsent.isEmpty }

    /// `handle` has connected and stays in its multi handle: libcurl closes the connection when it is taken out.
    func open(on handle: UnsafeMutableRawPointer) {
        self.handle = handle
        descriptor = portico_curl_get_socket(handle)
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

    /// Gives out what has come. `buffer` is the loop's, for all its links.
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
