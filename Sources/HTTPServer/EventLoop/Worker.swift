internal import CLinux
internal import Glibc
internal import Logging
internal import NetworkAddress

/// What the connections of one loop share: buffers, the clock's text, the responder.
///
/// `@unchecked Sendable`: Safe because its mutable fields are touched on `loop`'s thread alone.
final class Worker: @unchecked Sendable {
    let loop: EventLoop
    let counters = Counters()
    let census: Census
    let quiet = QuietConnections()
    let limits: Server.Limits
    let trustedProxies: [Subnet]
    let responder: any Responder
    let logger: Logger
    /// Received bytes, until they are taken or a connection keeps a copy.
    let input: UnsafeMutableRawBufferPointer
    /// Responses on their way to a socket; empty whenever the loop looks for events.
    let output = OutputBuffer(capacity: 128 << 10)
    private(set) var isDraining = false
    private var acceptors: [Acceptor] = []
    private let serverField: String
    private var second: Int64 = -1
    private var fields: [UInt8] = []

    init(
        _ configuration: Server.Configuration, census: Census, responder: any Responder, logger: Logger
    ) throws {
        loop = try EventLoop()
        limits = configuration.limits
        trustedProxies = configuration.trustedProxies
        // Configuration is trusted, but a line end in it would still make two fields.
        let name = configuration.serverName.flatMap { $0.utf8.allSatisfy(\.isFieldValue) ? $0 : nil }
        serverField = name.map { "Server: \($0)\r\n" } ?? ""
        input = .allocate(byteCount: 64 << 10, alignment: 16)
        (self.census, self.responder, self.logger) = (census, responder, logger)
    }

    deinit { input.deallocate() }

    /// `Date` and, if configured, `Server`, each with its line end; made once a second.
    var serverFields: [UInt8] {
        let present = clinux_wall_seconds()
        if present != second {
            second = present
            fields = Array("Date: \(HTTPDate.text(present))\r\n\(serverField)".utf8)
        }
        return fields
    }

    func isTrusted(_ peer: IPAddress) -> Bool { trustedProxies.contains { $0.contains(peer) } }

    /// Whether a connection that has just been taken may stay. While there are too many, the one that has waited for
    /// its client for longest is closed, here or on another loop.
    func makeRoom() -> Bool {
        guard census.isOver, !quiet.closeOldest() else { return true }
        census.askForRoom()
        return !census.isFarOver
    }

    /// As `Census.onNeed` wants it.
    func closeOldestIfOver() {
        if census.isOver { _ = quiet.closeOldest() }
    }

    func add(_ acceptor: Acceptor) {
        acceptors.append(acceptor)
        acceptor.resume()
    }

    func connectionClosed() {
        census.leave()
        for acceptor in acceptors where acceptor.isPaused { acceptor.resume() }
    }

    /// Takes what already waits to be accepted, then nothing more; each response is now its connection's last.
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
