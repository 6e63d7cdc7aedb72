internal import Glibc

/// The error number of a failed system call.
struct Errno: Error, Equatable, CustomStringConvertible {
    let code: Int32
    var description: String { String(cString: strerror(code)) }
}

/// A message to or from the kernel (netlink(7)): a header of 16 bytes in host byte order, then the payload.
struct NetlinkMessage: Equatable {
    var type: UInt16
    var flags: UInt16 = 0
    var payload: [UInt8]

    static let error: UInt16 = 2
    static let done: UInt16 = 3
    private static let headerSize = 16

    var bytes: [UInt8] {
        Self.word(UInt32(Self.headerSize + payload.count)) + Self.half(type) + Self.half(flags) + Self.word(0)
            + Self.word(0) + payload
    }

    /// An attribute (`nlattr`), padded to four bytes. The upper two bits of the type are flags.
    static func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
        let padding = Array(repeating: UInt8(0), count: (4 - value.count % 4) % 4)
        return half(UInt16(4 + value.count)) + half(type) + value + padding
    }

    /// The messages in `bytes`. Stops at a truncated one.
    static func all(in bytes: [UInt8]) -> [NetlinkMessage] {
        var messages: [NetlinkMessage] = []
        var rest = bytes[...]
        while rest.count >= headerSize {
            let length = Int(number(rest.prefix(4)))
            guard length >= headerSize, length <= rest.count else { break }
            let header = rest.dropFirst(4).prefix(4)
            messages.append(
                NetlinkMessage(
                    type: UInt16(number(header.prefix(2))), flags: UInt16(number(header.dropFirst(2))),
                    payload: Array(rest.prefix(length).dropFirst(headerSize))))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return messages
    }

    /// The attributes in `bytes`. Stops at a truncated one.
    static func attributes(in bytes: ArraySlice<UInt8>) -> [(type: UInt16, value: ArraySlice<UInt8>)] {
        var attributes: [(UInt16, ArraySlice<UInt8>)] = []
        var rest = bytes
        while rest.count >= 4 {
            let length = Int(number(rest.prefix(2)))
            guard length >= 4, length <= rest.count else { break }
            attributes.append((UInt16(number(rest.dropFirst(2).prefix(2))) & 0x3FFF, rest.prefix(length).dropFirst(4)))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return attributes
    }

    /// The error of an error message (struct nlmsgerr): a negative number, or 0 for none.
    var errno: Errno { Errno(code: 0 &- Int32(bitPattern: Self.number(payload.prefix(4)))) }

    static func word(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
    static func half(_ value: UInt16) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    /// Reads a number in host byte order.
    static func number(_ bytes: some Collection<UInt8>) -> UInt32 {
        let ordered = UInt16(littleEndian: 1) == 1 ? Array(bytes.reversed()) : Array(bytes)
        return ordered.reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// A netlink socket.
struct NetlinkSocket: ~Copyable {
    let descriptor: Int32

    /// Bytes. A row of the neighbour table takes about a hundred.
    private static let longestDump = 16 << 20

    /// Throws if the kernel lacks the protocol. `timeout`: seconds that `receive` waits at most.
    init(protocol number: Int32, timeout: Int = 2) throws(Errno) {
        let type = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_NETLINK, type, number)
        guard descriptor >= 0 else { throw Errno(code: errno) }
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Sends a request to the kernel.
    func send(_ bytes: [UInt8]) throws(Errno) {
        guard Glibc.send(descriptor, bytes, bytes.count, 0) == bytes.count else { throw Errno(code: errno) }
    }

    /// Receives one datagram of at most 64 KiB.
    func receive() throws(Errno) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            let received = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if received < 0 { code = errno }
            count = max(0, received)
        }
        guard code == 0 else { throw Errno(code: code) }
        return bytes
    }

    /// Sends a request for a dump and returns the complete response.
    func dump(_ request: [UInt8]) throws(Errno) -> [UInt8] {
        try send(request)
        var answer: [UInt8] = []
        while true {
            let bytes = try receive()
            answer += bytes
            let messages = NetlinkMessage.all(in: bytes)
            if let error = messages.first(where: { $0.type == NetlinkMessage.error }) {
                throw error.errno
            }
            guard answer.count <= Self.longestDump else { throw Errno(code: EFBIG) }
            if messages.isEmpty || messages.contains(where: { $0.type == NetlinkMessage.done }) { return answer }
        }
    }
}
