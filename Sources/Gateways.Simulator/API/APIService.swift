internal import CLinux
internal import Foundation
internal import Glibc
internal import HTTPServer
internal import NetworkAddress
internal import Synchronization

/// The API of a simulated router on one port: one thread accepts connections, one thread serves each client.
final class APIService: Sendable {
    private struct State {
        var open: Set<Int32> = []
        var isStopping = false
        var stopped: CheckedContinuation<Void, Never>?
        var hasStopped = false
    }

    let address: SocketAddress
    private let listener: Int32
    private let security: APISecurity?
    private let serve: @Sendable (APISocket) -> Void
    private let state = Mutex(State())

    /// Starts listening. Calls `serve` on a separate thread for each client. Throws `SocketFailure` if the port cannot
    /// be opened, `APISecurity.Failure` if the certificate cannot be used.
    init(_ port: APIPort, serve: @escaping @Sendable (APISocket) -> Void) throws {
        signal(SIGPIPE, SIG_IGN)
        security = try port.security.context()
        self.serve = serve
        let (family, bytes): (Int32, [UInt8]) =
            switch port.address.ip {
            case .v4(let value):
                (4, withUnsafeBytes(of: value.bigEndian) { Array($0) } + Array(repeating: 0, count: 12))
            case .v6(let high, let low): (6, [high, low].flatMap { withUnsafeBytes(of: $0.bigEndian) { Array($0) } })
            }
        listener = clinux_listen(family, bytes, port.address.port, 0, 64)
        guard listener >= 0 else { throw SocketFailure(code: -listener) }
        address = SocketAddress(
            ip: port.address.ip, port: UInt16(truncatingIfNeeded: clinux_local_port(listener)))
        Self.thread { self.accept() }
    }

    struct SocketFailure: Error, CustomStringConvertible {
        let code: Int32
        var description: String { "cannot listen on the API port: \(String(cString: strerror(code)))" }
    }

    /// Closes all connections and returns when the port is free.
    func stop() async {
        breakConnections(stopping: true)
        shutdown(listener, Int32(SHUT_RDWR))
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if !state.hasStopped { state.stopped = continuation }
                return state.hasStopped
            }
            if isDone { continuation.resume() }
        }
    }

    /// Closes all connections, as a power failure does.
    func breakConnections(stopping: Bool = false) {
        state.withLock { state in
            state.isStopping = state.isStopping || stopping
            for descriptor in state.open { shutdown(descriptor, Int32(SHUT_RDWR)) }
        }
    }

    private static func thread(_ work: @escaping @Sendable () -> Void) {
        let thread = Thread(block: work)
        thread.stackSize = 512 << 10
        thread.start()
    }

    private func accept() {
        var (bytes, family, port) = ([UInt8](repeating: 0, count: 16), Int32(0), UInt16(0))
        while !state.withLock({ $0.isStopping }) {
            var wait = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            poll(&wait, 1, -1)
            let descriptor = clinux_accept(listener, &bytes, &family, &port)
            if descriptor >= 0 { begin(descriptor) }
        }
        close(listener)
        let waiter = state.withLock { state in
            state.hasStopped = true
            return state.stopped
        }
        waiter?.resume()
    }

    private func begin(_ descriptor: Int32) {
        let isAccepted = state.withLock { state in
            if !state.isStopping { state.open.insert(descriptor) }
            return !state.isStopping
        }
        guard isAccepted else {
            close(descriptor)
            return
        }
        Self.thread { [self] in
            if let socket = APISocket(descriptor, security: security) {
                serve(socket)
                socket.sendCloseNotify()
            }
            state.withLock { state in
                state.open.remove(descriptor)
                close(descriptor)
            }
        }
    }
}
