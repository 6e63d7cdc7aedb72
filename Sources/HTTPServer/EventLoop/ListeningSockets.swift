internal import CLinux
internal import Glibc
internal import NetworkAddress

/// The listening sockets of all loops. Each address has one socket per loop; the kernel distributes connections.
struct ListeningSockets: ~Copyable {
    let loops: Int
    private var descriptors: [[Int32]]

    private static let backlog: Int32 = 4096

    init(loops: Int) {
        self.loops = loops
        descriptors = Array(repeating: [], count: loops)
    }

    deinit {
        for descriptor in descriptors.joined() { close(descriptor) }
    }

    /// Binds `address` once per loop and returns it with its actual port.
    mutating func open(_ address: SocketAddress) throws -> SocketAddress {
        // Detects a port in use: with SO_REUSEPORT, a second server of the same user could share it unnoticed.
        if address.port != 0 { close(try ListeningSockets.listen(address, sharing: false)) }
        var bound = address
        for loop in 0..<loops {
            let descriptor = try ListeningSockets.listen(bound, sharing: true)
            descriptors[loop].append(descriptor)
            bound = SocketAddress(ip: address.ip, port: UInt16(truncatingIfNeeded: clinux_local_port(descriptor)))
        }
        return bound
    }

    /// Returns the sockets of one loop, in the order of `open`; the caller must close them.
    mutating func take(loop: Int) -> [Int32] {
        defer { descriptors[loop] = [] }
        return descriptors[loop]
    }

    private static func listen(_ address: SocketAddress, sharing: Bool) throws -> Int32 {
        let (family, bytes): (Int32, [UInt8]) =
            switch address.ip {
            case .v4(let value):
                (4, withUnsafeBytes(of: value.bigEndian) { Array($0) } + Array(repeating: 0, count: 12))
            case .v6(let high, let low): (6, [high, low].flatMap { withUnsafeBytes(of: $0.bigEndian) { Array($0) } })
            }
        let result = clinux_listen(family, bytes, address.port, sharing ? 1 : 0, backlog)
        guard result >= 0 else { throw SystemError(call: "listen at \(address)", code: -result) }
        return result
    }
}
