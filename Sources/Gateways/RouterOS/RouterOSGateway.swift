package import Captive
internal import NetworkAddress

/// A RouterOS router, asked through its REST interface (RouterOS 7) or its API (6 and 7). A guest is a hotspot user of
/// the portal's, named after the device's MAC address and logged in by the portal; the user's `limit-uptime` ends the
/// stay even if the portal is gone.
///
/// The calls for one device are made one after the other. Guests that come at the same time share the reads.
package struct RouterOSGateway: Gateway {
    let router: any RouterOSCommands
    private let turns = DeviceTurns()
    let hosts: CoalescedReads<GatewayClient, RouterOSRow, RouterOSFault>
    let sessions: CoalescedReads<MACAddress, RouterOSRow, RouterOSFault>

    /// Begins the comment of everything that the portal writes, so that nobody else's entries are touched.
    static let mark = "portico:"
    /// The hotspot user profile of guests; the router script makes it.
    static let profile = "portico"
    static let windowList = "portal-auth"

    init(_ router: any RouterOSCommands) {
        self.router = router
        hosts = CoalescedReads(limit: 32) { clients throws(RouterOSFault) in
            let alternatives = clients.flatMap { ["mac-address=\($0.mac)", "address=\($0.ip)"] }
            return try await router.rows(
                "ip/hotspot/host", any: alternatives, fields: ["mac-address", "address", "to-address"],
                before: Deadline())
        }
        sessions = CoalescedReads(limit: 64) { devices throws(RouterOSFault) in
            try await router.rows(
                "ip/hotspot/active", any: devices.map { "mac-address=\($0)" },
                fields: [".id", "user", "mac-address", "address", "session-time-left"], before: Deadline())
        }
    }

    package func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await inTurn(client.mac) { () async throws(RouterOSFault) in
            try await letThrough(client, for: ttl, before: Deadline())
        }
    }

    package func revoke(_ client: GatewayClient) async throws(GatewayError) {
        try await inTurn(client.mac) { () async throws(RouterOSFault) in
            try await cutOff(client.mac, before: Deadline())
        }
    }

    package func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await inTurn(client.mac) { () async throws(RouterOSFault) in
            try await listWindow(of: client, for: ttl, before: Deadline())
        }
    }

    package func closeWindow(_ client: GatewayClient) async throws(GatewayError) {
        try await inTurn(client.mac) { () async throws(RouterOSFault) in
            try await unlistWindow(of: client, before: Deadline())
        }
    }

    package func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {
        try await explaining { () async throws(RouterOSFault) in try await setGarden(rules, before: Deadline()) }
    }

    package func walledGarden() async throws(GatewayError) -> [WalledGardenRule] {
        try await explaining { () async throws(RouterOSFault) in try await garden(before: Deadline()) }
    }

    private func inTurn(
        _ device: MACAddress, _ work: () async throws(RouterOSFault) -> Void
    ) async throws(GatewayError) {
        await turns.take(device)
        defer { turns.give(device) }
        try await explaining(work)
    }

    func explaining<T>(_ work: () async throws(RouterOSFault) -> T) async throws(GatewayError) -> T {
        do { return try await work() } catch { throw error.error }
    }
}
