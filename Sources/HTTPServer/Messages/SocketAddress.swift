package import NetworkAddress

/// An IP address and a TCP port; formatted as `127.0.0.1:8080` or `[::1]:8080`.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// The IP address, without a zone.
    package let ip: IPAddress
    /// 0 lets the system choose a port.
    package let port: UInt16

    /// An address from its parts.
    package init(ip: IPAddress, port: UInt16) {
        self.ip = ip
        self.port = port
    }

    /// Parses `text`; nil unless it is an address and a decimal port.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard let ip = IPAddress(host), isBracketed == (ip.bitWidth == 128), let port = UInt16(digits, in: 0...65_535),
            digits.utf8.allSatisfy(\.isDigit)
        else { return nil }
        self.init(ip: ip, port: port)
    }

    /// The form that `init?(_:)` parses.
    package var description: String { ip.bitWidth == 128 ? "[\(ip)]:\(port)" : "\(ip):\(port)" }
}
