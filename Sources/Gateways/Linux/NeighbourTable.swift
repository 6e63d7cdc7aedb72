internal import Captive
internal import Glibc
internal import NetworkAddress

/// The kernel's neighbour table: the MAC addresses of IP addresses, from ARP and neighbour discovery (rtnetlink(7)).
struct NeighbourTable: Sendable {
    /// A row of the table.
    struct Neighbour: Equatable, Sendable {
        var mac: MACAddress
        var ip: IPAddress
    }

    private static let route: Int32 = 0
    private static let getNeighbour: UInt16 = 30
    private static let newNeighbour: UInt16 = 28
    private static let requestDump: UInt16 = 0x301
    private static let headerSize = 16
    private static let messageSize = 12

    /// All rows with a MAC address. Throws `.busy` with the error of the failed system call.
    func neighbours() throws(GatewayError) -> [Neighbour] {
        do {
            return Self.neighbours(in: try NetlinkSocket(protocol: Self.route).dump(Self.request))
        } catch {
            throw .busy("the kernel's neighbour table cannot be read (\(error))")
        }
    }

    /// The device at `address`; nil if unknown.
    func device(at address: IPAddress) throws(GatewayError) -> MACAddress? {
        try neighbours().first { $0.ip == address }?.mac
    }

    /// Checks that the table has the pair of MAC and IP address, which comes from the guest's browser.
    func check(_ client: GatewayClient) throws(GatewayError) {
        guard let mac = try device(at: client.ip) else { throw .deviceNotSeen }
        guard mac == client.mac else { throw .deviceMismatch }
    }

    /// RTM_GETNEIGH for all families: a message header and an empty `ndmsg`.
    private static var request: [UInt8] {
        NetlinkMessage(type: getNeighbour, flags: requestDump, payload: Array(repeating: 0, count: messageSize)).bytes
    }

    /// Parses the response to a dump. Skips rows without a link-layer address (incomplete, failed).
    static func neighbours(in bytes: [UInt8]) -> [Neighbour] {
        NetlinkMessage.all(in: bytes).compactMap { message in
            guard message.type == newNeighbour, message.payload.count >= messageSize else { return nil }
            var (mac, ip): (MACAddress?, IPAddress?)
            for attribute in NetlinkMessage.attributes(in: message.payload.dropFirst(messageSize)) {
                switch attribute.type {
                case 1: ip = IPAddress(networkOrder: attribute.value)
                case 2: mac = MACAddress(octets: attribute.value)
                default: break
                }
            }
            guard let mac, let ip, mac.rawValue != 0 else { return nil }
            return Neighbour(mac: mac, ip: ip)
        }
    }
}

extension IPAddress {
    /// Reads 4 or 16 bytes in network order. Returns nil for any other count.
    init?(networkOrder bytes: some Collection<UInt8>) {
        let value = bytes.map { UInt64($0) }
        switch value.count {
        case 4: self = .v4(UInt32(value.reduce(0) { $0 << 8 | $1 }))
        case 16: self = .v6(value[..<8].reduce(0) { $0 << 8 | $1 }, value[8...].reduce(0) { $0 << 8 | $1 })
        default: return nil
        }
    }
}

extension MACAddress {
    fileprivate init?(octets: some Collection<UInt8>) {
        guard octets.count == 6 else { return nil }
        self.init(rawValue: octets.reduce(0) { $0 << 8 | UInt64($1) })
    }
}
