internal import NetworkAddress

/// The addresses in a DNS response (RFC 1035 section 4.1), after following aliases.
struct DNSAnswer: Equatable, Sendable {
    /// The name in the question, in lower case, without a trailing dot.
    var name: String
    var addresses: [IPAddress]
    /// Seconds for which all of them are valid.
    var ttl: Int

    /// Returns nil unless `message` is a successful response to a single question, with at least one address.
    init?(message: [UInt8]) {
        var reader = Reader(bytes: message)
        guard let header = reader.take(12), header[2] & 0x80 != 0, header[3] & 0x0F == 0,
            header[4...5].elementsEqual([0, 1]),
            let name = reader.name(), reader.take(4) != nil
        else { return nil }
        let count = Int(header[6]) << 8 | Int(header[7])
        self.init(name: name, addresses: [], ttl: .max)
        for _ in 0..<count {
            guard reader.name() != nil, let fields = reader.take(10),
                let data = reader.take(Int(fields[8]) << 8 | Int(fields[9]))
            else { return nil }
            let isAddress = fields[0] == 0 && (fields[1] == 1 && data.count == 4 || fields[1] == 28 && data.count == 16)
            guard isAddress, let address = IPAddress(networkOrder: data) else { continue }
            addresses.append(address)
            ttl = min(ttl, fields[4...7].reduce(0) { $0 << 8 | Int($1) })
        }
        guard !addresses.isEmpty else { return nil }
    }

    private init(name: String, addresses: [IPAddress], ttl: Int) {
        self.name = name
        self.addresses = addresses
        self.ttl = ttl
    }

    /// Reads an IP packet. Returns nil unless it is a UDP packet from port 53 with a successful response.
    init?(packet: [UInt8]) {
        guard let first = packet.first else { return nil }
        let headerSize = first >> 4 == 4 ? Int(first & 15) * 4 : 40
        // An IPv4 header has at least 20 bytes (RFC 791 section 3.1).
        guard headerSize >= 20, packet.count > headerSize + 8 else { return nil }
        let isUDP = packet[first >> 4 == 4 ? 9 : 6] == 17
        guard isUDP, packet[headerSize] == 0, packet[headerSize + 1] == 53 else { return nil }
        self.init(message: Array(packet.dropFirst(headerSize + 8)))
    }

    /// Reads the fields of a message.
    private struct Reader {
        let bytes: [UInt8]
        var position = 0

        mutating func take(_ count: Int) -> [UInt8]? {
            guard position + count <= bytes.count else { return nil }
            defer { position += count }
            return Array(bytes[position..<position + count])
        }

        /// Reads a name of at most 255 bytes (RFC 1035 section 2.3.4). Follows at most as many pointers as such a name
        /// has labels.
        mutating func name() -> String? {
            var labels: [String] = []
            var (at, end, jumps, total): (Int, Int?, Int, Int) = (position, nil, 0, 0)
            while at < bytes.count {
                let length = Int(bytes[at])
                if length == 0 {
                    position = end ?? at + 1
                    return labels.joined(separator: ".").lowercased()
                }
                if length >= 0xC0 {
                    guard at + 1 < bytes.count, jumps < 127 else { return nil }
                    end = end ?? at + 2
                    (at, jumps) = ((length & 0x3F) << 8 | Int(bytes[at + 1]), jumps + 1)
                } else {
                    total += length + 1
                    guard length < 64, at + 1 + length <= bytes.count, total < 255 else { return nil }
                    labels.append(String(streamSafe: bytes[at + 1..<at + 1 + length]))
                    at += 1 + length
                }
            }
            return nil
        }
    }
}
