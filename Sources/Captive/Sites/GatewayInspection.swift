package import Foundation
package import NetworkAddress

/// A gateway that can report its setup. Not every driver can; the doctor reports those that cannot.
package protocol GatewayInspection: Sendable {
    /// Reads the setup and changes nothing. Takes less than 10 s and never throws: a part that could not be read has a
    /// reason.
    func inspect() async -> GatewaySetup
}

/// The setup of a gateway, as far as it concerns guests who are not authorized.
package struct GatewaySetup: Sendable {
    /// A part of the setup, or the reason why it could not be read.
    package enum Reading<Value: Sendable>: Sendable {
        case read(Value)
        case unreadable(String)
    }

    package var clock: Reading<GatewayClock>
    /// Differences from the setup that the portal's own script creates.
    package var issues: Reading<[SetupIssue]>
    /// The networks in which the gateway assigns addresses to guests.
    package var networks: Reading<[GuestNetwork]>
    /// The gateway's own pages, which send guests who are not authorized to the portal; empty if it has none, and
    /// redirects their requests to the portal instead.
    package var pages: Reading<[GatewayPage]>
    /// The destinations that guests can reach before they are authorized, including those that the portal did not open.
    package var reachableHosts: Reading<ReachableHosts>
    package var names: Reading<DNSSettings>

    /// A setup of which nothing could be read, with one reason for all parts.
    package init(unreadable reason: String) {
        clock = .unreadable(reason)
        issues = .unreadable(reason)
        networks = .unreadable(reason)
        pages = .unreadable(reason)
        reachableHosts = .unreadable(reason)
        names = .unreadable(reason)
    }
}

/// A gateway's clock.
package struct GatewayClock: Sendable, Equatable {
    /// Seconds by which the clock is ahead of the portal's, to within the duration of the reading; negative if it is
    /// behind.
    package var ahead: TimeInterval
    /// Whether the clock is synchronised by NTP; nil if the gateway does not report it.
    package var isSynchronized: Bool?

    package init(ahead: TimeInterval, isSynchronized: Bool? = nil) {
        self.ahead = ahead
        self.isSynchronized = isSynchronized
    }
}

/// A difference from the set-up that the portal needs.
package struct SetupIssue: Sendable, Equatable {
    /// The difference and its effect: one sentence.
    package var summary: String
    /// What to do.
    package var remedy: String
    /// Whether it gives every device access without the portal.
    package var letsEverybodyIn: Bool

    package init(_ summary: String, remedy: String, letsEverybodyIn: Bool = false) {
        self.summary = summary
        self.remedy = remedy
        self.letsEverybodyIn = letsEverybodyIn
    }
}

/// A network in which a gateway assigns addresses by DHCP.
package struct GuestNetwork: Sendable, Equatable {
    package var subnet: Subnet
    /// The value of DHCP option 114 in this network (RFC 8910 section 2.1); nil if it is not sent.
    package var captivePortal: String?

    package init(subnet: Subnet, captivePortal: String? = nil) {
        self.subnet = subnet
        self.captivePortal = captivePortal
    }
}

/// A page by which a gateway sends guests to their portal.
package struct GatewayPage: Sendable, Equatable {
    package var name: String
    /// The addresses in the page, without their queries.
    package var addresses: [String]

    package init(name: String, addresses: [String]) {
        self.name = name
        self.addresses = addresses
    }
}

/// How a gateway resolves names for guests' devices.
package struct DNSSettings: Sendable, Equatable {
    /// Names that the gateway itself resolves, in lower case, with their addresses.
    package var fixed: [String: [String]]
    /// Whether the gateway forwards all other names to other servers.
    package var asksOthers: Bool

    package init(fixed: [String: [String]], asksOthers: Bool) {
        self.fixed = fixed
        self.asksOthers = asksOthers
    }
}
