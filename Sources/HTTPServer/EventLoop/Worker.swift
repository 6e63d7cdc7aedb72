internal import CLinux
internal import Glibc
internal import Logging
internal import NetworkAddress

/// Resources shared by the connections of one loop: buffers, the `Date` field, the responder.
///
/// `@unchecked Sendable`: Safe because its mutable fields are used on `loop`'s thread only.
final class Worker: @unchecked Sendable {
    let loop: EventLoop
    let counters = Counters()
    let connections: ConnectionCounter
    let waiting: WaitingConnections
    let limits: Server.Limits
    let trustedProxies: [Subnet]
    private let firstReservedDescriptor: Int32
    let responder: any Responder
    let logger: Logger
    /// Received bytes, until they are consumed or copied by a connection.
    let input: UnsafeMutableRawBufferPointer
    /// Responses to be written to a socket; empty whenever the loop waits for events.
    let output = OutputBuffer(capacity: 128 << 10)
    private(set) var isDraining = false
    private var acceptors: [Acceptor] = []
    private let serverField: String
    private var second: Int64 = -1
    private var fields: [UInt8] = []

    init(
        _ configuration: Server.Configuration, connections: ConnectionCounter, responder: any Responder, logger: Logger
    ) throws {
        loop = try EventLoop()
        limits = configuration.limits
        trustedProxies = configuration.trustedProxies
        firstReservedDescriptor = Server.firstReservedDescriptor(of: configuration.reservedDescriptors)
        // Drops a name with invalid bytes: a line end would split it into two fields.
        let name = configuration.serverName.flatMap { $0.utf8.allSatisfy(\.isFieldValue) ? $0 : nil }
        serverField = name.map { "Server: \($0)\r\n" } ?? ""
        input = .allocate(byteCount: 64 << 10, alignment: 16)
        (self.connections, self.responder, self.logger) = (connections, responder, logger)
        waiting = WaitingConnections(counter: connections)
    }

    deinit { input.deallocate() }

    /// `Date` and, if configured, `Server`, each with its line end; updated once a second.
    var serverFields: [UInt8] {
        let present = clinux_wall_seconds()
        if present != second {
            second = present
            fields = Array("Date: \(HTTPDate.text(present))\r\n\(serverField)".utf8)
        }
        return fields
    }

    func isTrusted(_ peer: IPAddress) -> Bool { trustedProxies.contains { $0.contains(peer) } }

    /// Whether a connection of `client` that was just accepted may stay open; nil for a proxy. While there are too many
    /// connections, closes the ones that have waited longest for their client, on this loop or another.
    ///
    /// If none is waiting on any loop, only the first connection of a client may stay open, so that clients with many
    /// busy connections do not keep others out.
    func makeRoom(for client: IPAddress?) -> Bool {
        while connections.isOver {
            if waiting.closeOldest() { continue }
            connections.requestRoom()
            return !connections.isFarOver && (connections.hasWaiting || client.map(connections.isFirst) ?? true)
        }
        return true
    }

    /// Whether a connection may use `descriptor`. The system assigns the lowest free number, so a number of the reserve
    /// means that all below it are in use; then closes the connection that has waited longest for its client.
    func mayUse(_ descriptor: Int32) -> Bool { descriptor < firstReservedDescriptor || waiting.closeOldest() }

    /// Called through `ConnectionCounter.onOverload`.
    func closeOldestIfOver(of client: IPAddress?) {
        if let client {
            if connections.isAboveShare(client) { _ = waiting.closeOldest(of: client) }
        } else if connections.isOver {
            _ = waiting.closeOldest()
        }
    }

    func add(_ acceptor: Acceptor) {
        acceptors.append(acceptor)
        acceptor.resume()
    }

    func connectionClosed() {
        connections.leave()
        for acceptor in acceptors where acceptor.isPaused { acceptor.resume() }
    }

    /// Accepts the connections already queued, then no more. Each response is now the last of its connection.
    func drain() {
        for acceptor in acceptors { acceptor.finish() }
        acceptors = []
        isDraining = true
        for case let connection as Connection in loop.all { connection.drain() }
    }

    func closeAll() {
        for case let connection as Connection in loop.all { connection.close() }
        loop.stop()
    }
}

/// IMF-fixdate (RFC 9110 section 5.6.7).
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `seconds` since 1970.
    static func text(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(padded).joined(separator: ":")
        let day = "\(days[Int(parts.tm_wday)]), \(padded(parts.tm_mday))"
        return "\(day) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900) \(clock) GMT"
    }

    private static func padded(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
