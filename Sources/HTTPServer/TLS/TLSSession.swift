internal import COpenSSL
internal import Glibc

/// The TLS side of one connection. Never blocks; confined to its connection's thread.
final class TLSSession {
    enum Handshake { case done, wait, failed }

    private let session: OpaquePointer
    private var isBroken = false
    /// Whether the handshake waits to write; otherwise it waits for bytes.
    private(set) var wantsToWrite = false

    /// Takes ownership of `session`.
    init(_ session: OpaquePointer, descriptor: Int32) {
        self.session = session
        SSL_set_fd(session, descriptor)
        SSL_set_accept_state(session)
    }

    deinit { SSL_free(session) }

    /// Whether received bytes are buffered that `read` has not returned.
    var hasBuffered: Bool { SSL_has_pending(session) == 1 }

    func handshake() -> Handshake {
        ERR_clear_error()
        let result = SSL_do_handshake(session)
        wantsToWrite = false
        guard result != 1 else { return .done }
        switch SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ: return .wait
        case SSL_ERROR_WANT_WRITE:
            wantsToWrite = true
            return .wait
        default:
            isBroken = true
            return .failed
        }
    }

    func read(into space: UnsafeMutableRawBufferPointer) -> Reading {
        ERR_clear_error()
        let count = SSL_read(session, space.baseAddress, Int32(clamping: space.count))
        guard count <= 0 else { return .bytes(Int(count)) }
        switch SSL_get_error(session, count) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wait
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            isBroken = true
            return .failed
        }
    }

    /// Returns the number of bytes written, or -EPIPE; 0 if the socket is not writable.
    func write(_ bytes: UnsafeRawBufferPointer) -> Int {
        var sent = 0
        while sent < bytes.count {
            ERR_clear_error()
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            let count = SSL_write(session, rest.baseAddress, Int32(clamping: rest.count))
            if count > 0 {
                sent += Int(count)
                continue
            }
            let error = SSL_get_error(session, count)
            guard error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ else {
                isBroken = true
                return -Int(EPIPE)
            }
            break
        }
        return sent
    }

    /// Sends close_notify (RFC 8446 section 6.1) without waiting for the client's.
    func sendCloseNotify() {
        guard !isBroken else { return }
        ERR_clear_error()
        SSL_shutdown(session)
    }
}
