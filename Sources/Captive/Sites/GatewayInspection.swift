package import Foundation
package import NetworkAddress

/// A gateway that can tell how it is set up. Not every driver can: the portal doctor says so where one cannot.
package protocol GatewayInspection: Sendable {
    /// Reads the set-up and changes nothing. Takes less than 10 s and never throws: what could not be read says why.
    func inspect() async -> GatewaySetup
}

/// How a gateway is set up, as far as it concerns guests who are not let through yet.
package struct GatewaySetup: Sendable {
    /// A part that was read, or why it was not.
    package enum Reading<Value: Sendable>: Sendable {
        case read(Value)
        case unreadable(String)
    }

    package var clock: Reading<GatewayClock>
    /// What differs from the set-up that the portal's own script makes.
    package var flaws: Reading<[GatewayFlaw]>
    /// The networks in which the gateway gives addresses to guests.
    package var networks: Reading<[GuestNetwork]>
    /// Where the gateway's own pages send guests who are not let through; empty if it has none, and sends their
    /// requests to the portal instead.
    package var pages: Reading<[GatewayPage]>
    /// What guests reach before they are let through, whoever opened it.
    package var openPlaces: Reading<OpenPlaces>
    package var names: Reading<GuestNames>

    /// Nothing could be read, for the same reason.
    package init(unreadable reason: String) {
        clock = .unreadable(reason)
        flaws = .unreadable(reason)
        networks = .unreadable(reason)
        pages = .unreadable(reason)
        openPlaces = .unreadable(reason)
        names = .unreadable(reason)
    }
}

/// A gateway's clock.
package struct GatewayClock: Sendable, Equatable {
    /// Seconds by which it is ahead of the portal's, within the time that the reading took; negative if it is behind.
    package var ahead: TimeInterval
    /// Whether it is set by the network's time (NTP); nil if the gateway does not say.
    package var isSynchronized: Bool?

    package init(ahead: TimeInterval, isSynchronized: Bool? = nil) {
        self.ahead = ahead
        self.isSynchronized = isSynchronized
    }
}

/// A difference from the set-up that the portal needs.
package struct GatewayFlaw: Sendable, Equatable {
    /// What is different, and what follows: one sentence.
    package var summary: String
    /// What to do.
    package var remedy: String
    /// Whether it lets every device through without the portal.
    package var letsEverybodyIn: Bool

    package init(_ summary: String, remedy: String, letsEverybodyIn: Bool = false) {
        self.summary = summary
        self.remedy = remedy
        self.letsEverybodyIn = letsEverybodyIn
    }
}

/// A network in which a gateway gives addresses by DHCP.
package struct GuestNetwork: Sendable, Equatable {
    package var subnet: Subnet
    /// What DHCP option 114 says there (RFC 8910 section 2.1); nil if it is not sent.
    package var captivePortal: String?

    package init(subnet: Subnet, captivePortal: String? = nil) {
        self.subnet = subnet
        self.captivePortal = captivePortal
    }
}

/// A page by which a gateway sends guests to their portal.
package struct GatewayPage: Sendable, Equatable {
    package var name: String
    /// The addresses that stand in it, without their queries.
    package var addresses: [String]

    package init(name: String, addresses: [String]) {
        self.name = name
        self.addresses = addresses
    }
}

/// How guests' devices find names on a gateway.
package struct GuestNames: Sendable, Equatable {
    /// Names that the gateway itself answers for, in lower case, with the addresses that it gives.
    package var fixed: [String: [String]]
    /// Whether it asks other servers for all other names.
    package var asksOthers: Bool

    package init(fixed: [String: [String]], asksOthers: Bool) {
        self.fixed = fixed
        self.asksOthers = asksOthers
    }
}
