package import Captive
internal import NetworkAddress

/// A RouterOS router, controlled through its REST interface (RouterOS 7) or its API (6 and 7). The portal creates a
/// hotspot user for each guest, named after the device's MAC address, and logs it in. The user's `limit-uptime` ends
/// the session even if the portal is not running.
///
/// Calls for one device run one after the other. Concurrent calls for several devices share their reads.
///
/// Calls on behalf of guests without a session (look-ups, sign-in windows, checks whether a device is authorized) have
/// separate and smaller limits, connections and locks: anyone on the guest network can cause them, and they must not
/// delay an order.
package struct RouterOSGateway: Gateway {
    let router: any RouterOSClient
    /// For calls on behalf of guests without a session.
    let requests: any RouterOSClient
    private let locks = DeviceLocks()
    private let windowLocks = DeviceLocks()
    let hosts: CoalescedReads<GatewayClient, RouterOSRow, RouterOSFault>
    let windowHosts: CoalescedReads<GatewayClient, RouterOSRow, RouterOSFault>
    let lookUps: DeviceLookUps
    let sessions: CoalescedReads<MACAddress, RouterOSRow, RouterOSFault>
    let heldSessions: CoalescedReads<MACAddress, RouterOSRow, RouterOSFault>

    /// Prefix of the comment of every row that the portal writes. Rows without it are never changed.
    static let mark = "portico:"
    /// The hotspot user profile of guests, created by the router script.
    static let profile = "portico"
    static let windowList = "portal-auth"

    init(_ router: any RouterOSClient, requests: any RouterOSClient) {
        self.router = router
        self.requests = requests
        hosts = CoalescedReads(limit: 32) { clients throws(RouterOSFault) in try await Self.hosts(clients, router) }
        windowHosts = CoalescedReads(limit: 32, bound: (64, .definite(.busy(RouterOSFault.tooManyCalls)))) {
            clients throws(RouterOSFault) in try await Self.hosts(clients, requests)
        }
        lookUps = DeviceLookUps { addresses throws(GatewayError) in
            try await Self.devices(at: addresses, requests)
        }
        sessions = CoalescedReads(limit: 64) { devices throws(RouterOSFault) in
            try await Self.sessions(of: devices, router)
        }
        heldSessions = CoalescedReads(limit: 64, bound: (64, .definite(.busy(RouterOSFault.tooManyCalls)))) {
            devices throws(RouterOSFault) in try await Self.sessions(of: devices, requests)
        }
    }

    private static func sessions(
        of devices: [MACAddress], _ router: any RouterOSClient
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        try await router.rows(
            "ip/hotspot/active", any: devices.map { "mac-address=\($0)" },
            fields: [".id", "user", "mac-address", "address", "session-time-left"], before: Deadline())
    }

    /// The rows with the MAC or IP address of any of `clients`.
    private static func hosts(
        _ clients: [GatewayClient], _ router: any RouterOSClient
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        let alternatives = clients.flatMap { ["mac-address=\($0.mac)", "address=\($0.ip)"] }
        return try await router.rows(
            "ip/hotspot/host", any: alternatives, fields: ["mac-address", "address", "to-address"], before: Deadline())
    }

    package func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await serialized(client.mac, locks) { () async throws(RouterOSFault) in
            try await startSession(client, for: ttl, before: Deadline())
        }
    }

    package func revoke(_ client: GatewayClient) async throws(GatewayError) {
        try await serialized(client.mac, locks) { () async throws(RouterOSFault) in
            try await endSession(client.mac, before: Deadline())
        }
    }

    package func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await serialized(client.mac, windowLocks) { () async throws(RouterOSFault) in
            try await listWindow(of: client, for: ttl, before: Deadline())
        }
    }

    package func closeWindow(_ client: GatewayClient) async throws(GatewayError) {
        try await serialized(client.mac, windowLocks) { () async throws(RouterOSFault) in
            try await unlistWindow(of: client, before: Deadline())
        }
    }

    package func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {
        try await mappingErrors { () async throws(RouterOSFault) in try await setGarden(rules, before: Deadline()) }
    }

    package func walledGarden() async throws(GatewayError) -> [WalledGardenRule] {
        try await mappingErrors { () async throws(RouterOSFault) in try await garden(before: Deadline()) }
    }

    private func serialized(
        _ device: MACAddress, _ locks: DeviceLocks, _ work: () async throws(RouterOSFault) -> Void
    ) async throws(GatewayError) {
        await locks.acquire(device)
        defer { locks.release(device) }
        try await mappingErrors(work)
    }

    func mappingErrors<T>(_ work: () async throws(RouterOSFault) -> T) async throws(GatewayError) -> T {
        do { return try await work() } catch { throw error.error }
    }
}
