internal import Dispatch
internal import Glibc
internal import Synchronization

/// Receives copies of packets that a packet filter rule logs to a group (nft(8) "log group";
/// linux/netfilter/nfnetlink_log.h).
final class PacketLog: Sendable {
    private let isOver = Mutex(false)

    private static let netfilter: Int32 = 12
    private static let subsystem: UInt16 = 4 << 8
    private static let configure: UInt16 = 1
    private static let requestAndAcknowledge: UInt16 = 5
    private static let payload: UInt16 = 9
    /// Seconds between checks for the end of the log, and between retries after an error.
    private static let pollInterval = 1

    /// Calls `receive` with each packet, beginning with its IP header, on a separate thread, until the log is stopped
    /// or released.
    init(group: UInt16, receive: @escaping @Sendable ([UInt8]) -> Void) {
        let thread = DispatchQueue(label: "portico.packets")
        thread.async { [weak self] in
            while self.map({ !$0.isOver.withLock { $0 } }) ?? false {
                do throws(Errno) {
                    try Self.listen(group, while: { self?.isOver.withLock { !$0 } ?? false }, receive)
                } catch {
                    sleep(UInt32(Self.pollInterval))
                }
            }
        }
    }

    /// Stops receiving packets.
    func stop() { isOver.withLock { $0 = true } }

    private static func listen(
        _ group: UInt16, while isActive: () -> Bool, _ receive: ([UInt8]) -> Void
    ) throws(Errno) {
        let socket = try NetlinkSocket(protocol: netfilter, timeout: pollInterval)
        for attribute in [NetlinkMessage.attribute(1, [1]), NetlinkMessage.attribute(2, [0, 0, 0xFF, 0xFF, 2, 0])] {
            let family: [UInt8] = [0, 0, UInt8(group >> 8), UInt8(group & 255)]
            let message = NetlinkMessage(
                type: subsystem | configure, flags: requestAndAcknowledge, payload: family + attribute)
            try socket.send(message.bytes)
        }
        while isActive() {
            do throws(Errno) {
                for message in NetlinkMessage.all(in: try socket.receive()) { try deliver(message, receive) }
            } catch {
                // No packet, an interrupted call, or an overflow of the socket's buffer.
                guard [EAGAIN, EINTR, ENOBUFS].contains(error.code) else { throw error }
            }
        }
    }

    private static func deliver(_ message: NetlinkMessage, _ receive: ([UInt8]) -> Void) throws(Errno) {
        if message.type == NetlinkMessage.error {
            guard message.errno.code == 0 else { throw message.errno }
        }
        guard message.type == subsystem else { return }
        for attribute in NetlinkMessage.attributes(in: message.payload.dropFirst(4)) where attribute.type == payload {
            receive(Array(attribute.value))
        }
    }
}
