import Foundation
import Glibc

/// A blocking TCP client. Its reads time out after ten seconds, so that a test fails instead of hanging.
// Safe because a test uses it from one place at a time.
final class TestClient: @unchecked Sendable {
    private let descriptor: Int32
    private var buffered: [UInt8] = []
    private var isClosed = false

    struct Failure: Error { let code: Int32 }

    /// Connects to 127.0.0.1 from an address of the loopback network.
    init(port: UInt16, from source: UInt32 = 0x7F00_0001) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var timeout = timeval(tv_sec: 10, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var local = sockaddr_in()
        local.sin_family = sa_family_t(AF_INET)
        local.sin_addr.s_addr = source.bigEndian
        withUnsafePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(code: errno) }
    }

    deinit {
        if !isClosed { close(descriptor) }
    }

    func send(_ text: String) { send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Ends the connection with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
        isClosed = true
    }

    /// Waits, without reading, until the server resets the connection; false after ten seconds.
    func waitForReset() -> Bool {
        var watched = pollfd(fd: descriptor, events: 0, revents: 0)
        return poll(&watched, 1, 10_000) == 1 && watched.revents & Int16(POLLERR | POLLHUP) != 0
    }

    /// Reads and drops at least `count` bytes, or fewer if the server closes the connection.
    func skip(_ count: Int) {
        while buffered.count < count, receive() {}
        buffered = []
    }

    /// All bytes until the server closes the connection.
    func readToEnd() -> [UInt8] {
        while receive() {}
        defer { buffered = [] }
        return buffered
    }

    /// `reply` on a separate thread.
    func replyOffPool() async -> HTTPReply? {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: self.reply()) }
        }
    }

    /// The next complete response; nil if the server closed the connection before its end.
    func reply(isHead: Bool = false) -> HTTPReply? {
        repeat {
            if let (reply, length) = HTTPReply.first(in: buffered[...], isHead: isHead) {
                buffered.removeFirst(length)
                return reply
            }
        } while receive()
        return nil
    }

    private func receive() -> Bool {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(descriptor, &piece, piece.count, 0)
        if count > 0 { buffered += piece[..<count] }
        return count > 0
    }
}
