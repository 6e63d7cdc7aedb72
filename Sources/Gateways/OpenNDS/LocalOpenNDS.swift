internal import Captive
internal import Foundation
internal import NetworkAddress
internal import Synchronization

/// An openNDS gateway on the portal's machine, controlled through ndsctl. openNDS also ends sessions on its own.
final class LocalOpenNDS: Gateway {
    private let siteID: UUID
    private let context: GatewayContext
    private let control: NdsControl
    private let devices = NeighbourTable()
    private let now: WallClock
    private let known = Mutex<(status: NdsStatus, start: Date)?>(nil)

    /// Returns nil if this machine has no openNDS.
    init?(siteID: UUID, context: GatewayContext, now: @escaping WallClock) {
        guard let ndsctl = ChildProgram(oneOf: NdsControl.programs) else { return nil }
        self.siteID = siteID
        self.context = context
        self.now = now
        control = NdsControl(ndsctl)
    }

    /// Whether openNDS sends its guests to this site; nil if openNDS has not run since the portal started.
    var isOfSite: Bool? {
        get async {
            let known = known.withLock { $0 }
            if let known, known.start == NdsControl.start { return known.status.serves(siteID) }
            return ((try? await status()) ?? known?.status)?.serves(siteID)
        }
    }

    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try devices.check(client)
        let held = try await control.client(client.mac)
        if let held, holds(held, client, ttl) { return }
        if held?.isOnline == true { try await revoke(client) }
        // openNDS counts whole minutes. The portal ends the session at the right second.
        let isPermitted = try await control.authorize(client.ip, minutes: (max(ttl, 1) + 59) / 60)
        guard let row = try await control.client(client.ip) else { throw .deviceNotSeen }
        guard row.client.mac == client.mac else {
            // An outdated entry of a device that had the address before.
            _ = try await control.deauthorize(client.ip)
            throw .busy("openNDS still has the address for another device")
        }
        guard isPermitted, row.isMarked else { throw .busy("openNDS did not authorize the device") }
    }

    func revoke(_ client: GatewayClient) async throws(GatewayError) {
        // A device that changed its IP address may have several entries. Only authorized ones can be removed.
        for row in try await rows(of: client.mac) { _ = try await control.deauthorize(row.client.ip) }
        guard try await rows(of: client.mac).isEmpty else { throw .busy("openNDS still authorizes the device") }
    }

    /// Checks host names only, because ndsctl does not list open addresses.
    func verifyReachable(_ page: WalledGardenRule) async throws(GatewayError) {
        if page.destination.name != nil { try await status().garden.check([page]) }
    }

    /// Does nothing: openNDS has a static walled garden.
    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}

    func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}

    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {
        try await status().garden.check(rules)
    }

    func walledGarden() async throws(GatewayError) -> [WalledGardenRule] {
        let present = try await status().garden
        return try await context.desiredWalledGarden(siteID).filter(present.opens)
    }

    func list() async throws(GatewayError) -> [GatewayEntry] {
        let time = Int(saturating: now().timeIntervalSince1970)
        return try await control.clients().filter(\.isMarked).map { row in
            GatewayEntry(mac: row.client.mac, ip: row.client.ip, secondsLeft: row.endsAt.map { max(0, $0 - time) })
        }
    }

    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        try devices.device(at: address)
    }

    func health() async -> GatewayHealth {
        do throws(GatewayError) {
            let status = try await status()
            var health = GatewayHealth(
                version: status.version.map { "openNDS \($0)" }, uptime: uptime(status), name: status.name)
            do throws(GatewayError) { try status.check(for: siteID) } catch { health.problem = error }
            return health
        } catch {
            return GatewayHealth(problem: error)
        }
    }

    /// The status, read once per start of openNDS if its start time is known.
    private func status() async throws(GatewayError) -> NdsStatus {
        let start = NdsControl.start
        if let known = known.withLock({ $0 }), known.start == start {
            try await control.ping()
            return known.status
        }
        let status = try await control.status()
        known.withLock { $0 = start.map { (status, $0) } }
        return status
    }

    private func uptime(_ status: NdsStatus) -> Int? {
        known.withLock { $0?.start }.map { max(0, Int(saturating: now().timeIntervalSince($0))) } ?? status.uptime
    }

    private func rows(of mac: MACAddress) async throws(GatewayError) -> [NdsClient] {
        try await control.clients().filter { $0.client.mac == mac && $0.isOnline }
    }

    /// Whether `row` already has the state that an authorization for `ttl` seconds would set.
    private func holds(_ row: NdsClient, _ client: GatewayClient, _ ttl: Int) -> Bool {
        guard row.isMarked, row.client == client, let end = row.endsAt else { return false }
        let more = end - Int(saturating: now().timeIntervalSince1970) - ttl
        return (0...60).contains(more)
    }
}
