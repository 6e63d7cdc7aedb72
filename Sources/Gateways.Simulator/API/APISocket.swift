internal import CLinux
internal import COpenSSL
internal import Glibc

/// One client's socket, plain or TLS, with blocking calls. Used by one thread.
final class APISocket {
    private let descriptor: Int32
    private let session: OpaquePointer?
    private var buffer = [UInt8](repeating: 0, count: 16 << 10)

    /// Returns nil if the TLS handshake fails. Does not close the descriptor.
    init?(_ descriptor: Int32, security: APISecurity?) {
        self.descriptor = descriptor
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
        session = security?.session(descriptor)
        if let session, SSL_accept(session) != 1 { return nil }
    }

    deinit { SSL_free(session) }

    /// Returns nil at the end of the connection.
    func receive() -> ArraySlice<UInt8>? {
        let room = buffer.count
        let count = buffer.withUnsafeMutableBytes { space in
            if let session { return Int(SSL_read(session, space.baseAddress, Int32(room))) }
            return clinux_receive(descriptor, space.baseAddress, room, 0)
        }
        return count > 0 ? buffer[..<count] : nil
    }

    /// Returns false if the client has disconnected.
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { rest in
                if let session { return Int(SSL_write(session, rest.baseAddress, Int32(rest.count))) }
                return clinux_send(descriptor, rest.baseAddress, rest.count)
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends close_notify to a TLS client.
    func sendCloseNotify() { if let session { SSL_shutdown(session) } }
}
