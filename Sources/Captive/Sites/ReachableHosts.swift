package import NetworkAddress

/// The destinations that a gateway's walled garden opens, including entries that the portal did not write.
package struct ReachableHosts: Sendable, Equatable {
    package var hosts: [OpenHost]
    package var blocks: [Subnet]

    package init(hosts: [OpenHost] = [], blocks: [Subnet] = []) {
        self.hosts = hosts
        self.blocks = blocks
    }

    /// The hosts and blocks from which `rules` permit web pages.
    package init(openedBy rules: [WalledGardenRule]) {
        self.init()
        for rule in rules where rule.port.map({ $0 == 80 || $0 == 443 }) != false {
            switch rule.destination {
            case .host(let name): hosts.append(OpenHost(name))
            case .subnet(let block): blocks.append(block)
            }
        }
    }
}

/// A name that the walled garden opens.
package struct OpenHost: Sendable, Hashable {
    /// The pattern of the name: `*` matches any letters, `?` matches one.
    package var pattern: String
    /// Patterns of names that an earlier entry closes.
    package var closed: [String]
    /// Whether it is open only during the sign-in window.
    package var onlyWhileSigningIn: Bool

    package init(_ pattern: String, closed: [String] = [], onlyWhileSigningIn: Bool = false) {
        self.pattern = pattern.lowercased()
        self.closed = closed.map { $0.lowercased() }
        self.onlyWhileSigningIn = onlyWhileSigningIn
    }

    /// Whether the pattern matches `host`, in lower case, and no closed pattern does.
    package func opens(_ host: String) -> Bool {
        Self.matches(pattern, host) && !closed.contains { Self.matches($0, host) }
    }

    private static func matches(_ pattern: String, _ host: String) -> Bool {
        matches(Array(pattern.utf8)[...], Array(host.utf8)[...])
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var (pattern, text) = (pattern, text)
        // The position of the last star, and the text that it matches so far: the only position to which matching
        // returns.
        var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while !text.isEmpty {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                retry = (pattern, text)
            } else if let wanted = pattern.first, wanted == UInt8(ascii: "?") || wanted == text.first {
                (pattern, text) = (pattern.dropFirst(), text.dropFirst())
            } else if let last = retry {
                retry = (last.pattern, last.text.dropFirst())
                (pattern, text) = (last.pattern, last.text.dropFirst())
            } else {
                return false
            }
        }
        return pattern.allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
