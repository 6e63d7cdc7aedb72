package import Captive
internal import NetworkAddress

/// A RouterOS router, asked through its REST interface (RouterOS 7) or its API (6 and 7). A guest is a hotspot user of
/// the portal's, named after the device's MAC address and logged in by the portal; the user's `limit-uptime` ends the
/// stay even if the portal is gone.
///
/// The calls for one device are made one after the other. Guests that come at the same time share the reads.
///
/// What guests' requests cause before they are let through (look-ups, windows, whether a device is let through) has its
/// own slots, connections, reads and turns, few of each: anybody can send such requests, and none of them may delay an
/// order.
package struct RouterOSGateway: Gateway {
    let router: any RouterOSCommands
    /// For what guests' requests cause.
    let requests: any RouterOSCommands
    private let turns = DeviceTurns()
    private let windowTurns = DeviceTurns()
    let hosts: CoalescedReads<GatewayClient, RouterOSRow, RouterOSFault>
    let windowHosts: CoalescedReads<GatewayClient, RouterOSRow, RouterOSFault>
    let lookUps: DeviceLookUps
    let sessions: CoalescedReads<MACAddress, RouterOSRow, RouterOSFault>
    let heldSessions: CoalescedReads<MACAddress, RouterOSRow, RouterOSFault>

    /// Begins the comment of everything that the portal writes, so that nobody else's entries are touched.
    static let mark = "portico:"
    /// The hotspot user profile of guests; the router script makes it.
    static let profile = "portico"
    static let windowList = "portal-auth"

    init(_ router: any RouterOSCommands, requests: any RouterOSCommands) {
        self.router = router
        self.requests = requests
        hosts = CoalescedReads(limit: 32) { clients throws(RouterOSFault) in try await Self.hosts(clients, router) }
        windowHosts = CoalescedReads(limit: 32, bound: (64, .clear(.busy(RouterOSFault.tooManyCalls)))) {
            clients throws(RouterOSFault) in try await Self.hosts(clients, requests)
        }
        lookUps = DeviceLookUps { addresses throws(GatewayError) in
            try await Self.devices(at: addresses, requests)
        }
        sessions = CoalescedReads(limit: 64) { devices throws(RouterOSFault) in
            try await Self.sessions(of: devices, router)
        }
        heldSessions = CoalescedReads(limit: 64, bound: (64, .clear(.busy(RouterOSFault.tooManyCalls)))) {
            devices throws(RouterOSFault) in try await Self.sessions(of: devices, requests)
        }
    }

    private static func sessions(
        of devices: [MACAddress], _ router: any RouterOSCommands
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        try await router.rows(
            "ip/hotspot/active", any: devices.map { "mac-address=\($0)" },
            fields: [".id", "user", "mac-address", "address", "session-time-left"], before: Deadline())
    }

    /// The rows that hold the MAC or IP address of any of `clients`.
    private static func hosts(
        _ clients: [GatewayClient], _ router: any RouterOSCommands
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        let alternatives = clients.flatMap { ["mac-address=\($0.mac)", "address=\($0.ip)"] }
        return try await router.rows(
            "ip/hotspot/host", any: alternatives, fields: ["mac-address", "address", "to-address"], before: Deadline())
    }

    package func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await inTurn(client.mac, turns) { () async throws(RouterOSFault) in
            try await letThrough(client, for: ttl, before: Deadline())
        }
    }

    package func revoke(_ client: GatewayClient) async throws(GatewayError) {
        try await inTurn(client.mac, turns) { () async throws(RouterOSFault) in
            try await cutOff(client.mac, before: Deadline())
        }
    }

    package func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await inTurn(client.mac, windowTurns) { () async throws(RouterOSFault) in
            try await listWindow(of: client, for: ttl, before: Deadline())
        }
    }

    package func closeWindow(_ client: GatewayClient) async throws(GatewayError) {
        try await inTurn(client.mac, windowTurns) { () async throws(RouterOSFault) in
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
        _ device: MACAddress, _ turns: DeviceTurns, _ work: () async throws(RouterOSFault) -> Void
    ) async throws(GatewayError) {
        await turns.take(device)
        defer { turns.give(device) }
        try await explaining(work)
    }

    func explaining<T>(_ work: () async throws(RouterOSFault) -> T) async throws(GatewayError) -> T {
        do { return try await work() } catch { throw error.error }
    }
}
