internal import CLinux
internal import Glibc
internal import Logging
internal import NetworkAddress

/// Accepts connections from one listening socket on one loop.
final class Acceptor: EventHandler {
    private let descriptor: Int32
    private let worker: Worker
    private let tls: TLSContext?
    private let requiresProxyHeader: Bool
    private(set) var isPaused = true

    /// Connections accepted in a row before the loop handles other events.
    private static let batch = 64

    init(descriptor: Int32, worker: Worker, tls: TLSContext?, requiresProxyHeader: Bool) {
        (self.descriptor, self.worker, self.tls) = (descriptor, worker, tls)
        self.requiresProxyHeader = requiresProxyHeader
    }

    func ready(_ events: UInt32) {
        for _ in 0..<Acceptor.batch {
            guard accept() else { return }
        }
    }

    func tick() {
        tls?.reloadIfChanged()
        if isPaused { resume() }
    }

    func resume() {
        isPaused = false
        worker.loop.watch(descriptor, for: EPOLLIN.rawValue, self)
    }

    /// Accepts the connections already in the kernel's queue, then closes the listening socket.
    func finish() {
        while accept() {}
        worker.loop.unwatch(descriptor)
        Glibc.close(descriptor)
    }

    private func pause() {
        isPaused = true
        worker.loop.watch(descriptor, for: 0, self)
    }

    private func accept() -> Bool {
        var bytes: (UInt64, UInt64) = (0, 0)
        var (family, port) = (Int32(0), UInt16(0))
        let result = withUnsafeMutableBytes(of: &bytes) { space in
            clinux_accept(descriptor, space.assumingMemoryBound(to: UInt8.self).baseAddress, &family, &port)
        }
        guard result >= 0 else { return shouldContinue(after: -result) }
        worker.counters.accepted.increment()
        guard worker.mayUse(result) else {
            clinux_reset_on_close(result)
            Glibc.close(result)
            return true
        }
        let peer: IPAddress =
            family == 4
            ? .v4(UInt32(truncatingIfNeeded: bytes.0.littleEndian).byteSwapped)
            : .v6(bytes.0.bigEndian, bytes.1.bigEndian)
        worker.connections.enter()
        Connection(result, peer: peer.unmapped, worker: worker, tls: tls, requiresProxyHeader: requiresProxyHeader)
            .begin()
        return true
    }

    /// Whether to continue accepting after an error.
    private func shouldContinue(after error: Int32) -> Bool {
        switch error {
        case EAGAIN: return false
        case EMFILE, ENFILE, ENOBUFS, ENOMEM:
            worker.logger.warning("accepting paused", metadata: ["reason": "\(String(cString: strerror(error)))"])
            pause()
            return false
        // A connection that ended before it was accepted (accept(2), "Error handling").
        default: return true
        }
    }
}
