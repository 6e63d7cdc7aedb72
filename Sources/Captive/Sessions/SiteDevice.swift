package import Foundation
package import NetworkAddress

/// A device at a site: the unit that a router authorizes and that is reconciled.
package struct SiteDevice: Sendable, Hashable {
    package var siteID: UUID
    package var mac: MACAddress

    package init(siteID: UUID, mac: MACAddress) {
        self.siteID = siteID
        self.mac = mac
    }
}

/// A device whose router may differ from its desired state, as a row of the database. The row is written in the
/// transaction that changes the desired state, and deleted when the router holds that state.
package struct PendingDevice: Sendable, Equatable {
    package var device: SiteDevice
    /// The device's last IP address.
    package var ip: IPAddress
    package var since: Date
    /// The time until which the router may hold access that has ended; nil if it holds none.
    package var revokeUntil: Date?

    package init(device: SiteDevice, ip: IPAddress, since: Date, revokeUntil: Date? = nil) {
        self.device = device
        self.ip = ip
        self.since = since
        self.revokeUntil = revokeUntil
    }

    package var client: GatewayClient { GatewayClient(mac: device.mac, ip: ip) }
}

/// What the database knows of the access of one device at a site, read together.
package struct DeviceState: Sendable, Equatable {
    package var device: SiteDevice
    /// The sessions of the device that have not ended, and the active ones that are to move to it.
    package var sessions: [GuestSession]
    /// Nil if the router holds the desired state.
    package var pending: PendingDevice?

    package init(device: SiteDevice, sessions: [GuestSession] = [], pending: PendingDevice? = nil) {
        self.device = device
        self.sessions = sessions
        self.pending = pending
    }
}

/// Stores the desired state of routers.
package protocol AccessStore: Sendable {
    /// Returns the state of a device, in one read.
    func state(of device: SiteDevice) async throws -> DeviceState
    /// Applies `SessionLifecycle.confirm`: the router has carried out `grant`. Returns true if nothing is left to do.
    func confirm(_ grant: AccessGrant, now: Date) async throws -> Bool
    /// Applies `SessionLifecycle.refuse`: the router refuses `grant`. Returns true if nothing is left to do.
    func refuse(_ grant: AccessGrant, reason: String, mayHaveBegun: Bool, now: Date) async throws -> Bool
    /// The router does not authorize the device any more. Returns true if nothing is left to do.
    func confirmRevocation(of device: SiteDevice, now: Date) async throws -> Bool
    /// Deletes the mark of a device unless something is left to do. Returns true if nothing is left.
    func settle(_ device: SiteDevice, now: Date) async throws -> Bool
    /// Returns the running sessions of a site: what its router should hold.
    func runningSessions(atSite siteID: UUID, now: Date) async throws -> [GuestSession]
    /// Returns the running sessions of a device at its address, at any site.
    func runningSessions(of client: GatewayClient, now: Date) async throws -> [GuestSession]
    /// Applies `SessionLifecycle.expire` to at most `limit` sessions whose time is over. Returns their number.
    func expireSessions(now: Date, limit: Int) async throws -> Int
    /// Claims pending devices for this node until `lease` seconds from now, at most `limit`: those that no other node
    /// holds, oldest first. Returns the devices that it claimed or already held.
    func claimPending(lease: TimeInterval, limit: Int, now: Date) async throws -> [SiteDevice]
}

/// Brings routers to their desired state.
package protocol AccessReconciler: Sendable {
    /// Waits until the router has responded for the device, at most `limit`. Returns false if it has not.
    func wait(for device: SiteDevice, atMost limit: Duration) async -> Bool
}
