import Foundation
import Glibc
import NetworkAddress

/// Finds a free loopback port, for parts of the demo whose address must be known before they start.
///
/// The kernel's own choice (a bind to port 0) comes from the range of outgoing connections, so any connection could
/// take it before the part listens. The returned port is outside that range (ip(7), `ip_local_port_range`).
enum FreePort {
    static func find() throws -> UInt16 {
        let outgoing = outgoingPorts()
        for _ in 0..<1_000 {
            let port = UInt16.random(in: 10_000 ... .max)
            if !outgoing.contains(port), try isFree(port) { return port }
        }
        throw CommandFailure("no free port on loopback; name one with --listen 127.0.0.1:PORT")
    }

    /// The ports of outgoing connections; the kernel's default if the range cannot be read.
    private static func outgoingPorts() -> ClosedRange<UInt16> {
        let text = try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_local_port_range", encoding: .utf8)
        let bounds = (text ?? "").split(whereSeparator: \.isWhitespace).compactMap { Int($0, in: 1...65_535) }
        guard bounds.count == 2, bounds[0] <= bounds[1] else { return 32_768...60_999 }
        return UInt16(bounds[0])...UInt16(bounds[1])
    }

    private static func isFree(_ port: UInt16) throws -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else {
            throw CommandFailure("cannot create a socket: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
