internal import Foundation
internal import Glibc
internal import NetworkAddress

/// The network interfaces of this machine and their IPv4 networks.
struct LocalInterfaces: Sendable {
    /// An interface and one of its addresses.
    struct Attachment: Equatable, Sendable {
        var name: String
        var address: IPAddress
        var network: Subnet
    }

    var attachments: [Attachment]
    /// Interfaces with a default route.
    var uplinks: Set<String>

    /// The current interfaces (getifaddrs(3), proc(5)).
    static func now() -> LocalInterfaces {
        let routes = (try? String(contentsOfFile: "/proc/net/route", encoding: .utf8)) ?? ""
        return LocalInterfaces(attachments: attachments(), uplinks: uplinks(inRoutes: routes))
    }

    /// The names of the interfaces in one of `subnets`, without uplinks, sorted.
    func names(in subnets: [Subnet]) -> [String] {
        let names = attachments.filter { attachment in
            !uplinks.contains(attachment.name) && !attachment.address.isLoopback
                && subnets.contains { $0.contains(attachment.address) || attachment.network.contains($0.base) }
        }.map(\.name)
        return Set(names).filter { $0.utf8.allSatisfy(Self.isPlain) }.sorted()
    }

    /// The interfaces of all routes to 0.0.0.0/0 in the text of `/proc/net/route`.
    static func uplinks(inRoutes text: String) -> Set<String> {
        Set(
            text.split(separator: "\n").dropFirst().compactMap { line in
                let fields = line.split(whereSeparator: \.isWhitespace)
                guard fields.count > 7, fields[1] == "00000000", fields[7] == "00000000" else { return nil }
                return String(fields[0])
            })
    }

    /// Whether a character needs no escape in a quoted string of an nft script.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "_.:@-".utf8.contains(byte)
        }
    }

    private static func attachments() -> [Attachment] {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return [] }
        defer { freeifaddrs(first) }
        return sequence(state: first) { next -> ifaddrs? in
            defer { next = next?.pointee.ifa_next }
            return next?.pointee
        }.compactMap(attachment)
    }

    private static func attachment(_ entry: ifaddrs) -> Attachment? {
        guard let address = entry.ifa_addr, let mask = entry.ifa_netmask, let name = entry.ifa_name,
            address.pointee.sa_family == sa_family_t(AF_INET)
        else { return nil }
        let value = UnsafeRawPointer(address).load(as: sockaddr_in.self).sin_addr.s_addr.bigEndian
        let bits = UnsafeRawPointer(mask).load(as: sockaddr_in.self).sin_addr.s_addr.nonzeroBitCount
        guard let network = Subnet(.v4(value), prefixLength: bits) else { return nil }
        return Attachment(name: String(cString: name), address: .v4(value), network: network)
    }
}
