internal import Captive
internal import Foundation
internal import NetworkAddress
internal import Synchronization

/// An openNDS gateway on the machine that the portal runs on: the portal tells openNDS by ndsctl whom to let through
/// and whom to cut off. openNDS ends a stay by itself, too.
final class LocalOpenNDS: Gateway {
    private let siteID: UUID
    private let surroundings: GatewaySurroundings
    private let control: NdsControl
    private let devices = NeighbourTable()
    private let now: WallClock
    private let known = Mutex<(status: NdsStatus, start: Date)?>(nil)

    /// Nil if this machine has no openNDS.
    init?(siteID: UUID, surroundings: GatewaySurroundings, now: @escaping WallClock) {
        guard let ndsctl = ChildProgram(oneOf: NdsControl.programs) else { return nil }
        self.siteID = siteID
        self.surroundings = surroundings
        self.now = now
        control = NdsControl(ndsctl)
    }

    /// Whether openNDS sends its guests to this site; nil if it has not run since the portal started.
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
        // openNDS counts in minutes; the portal ends the last one in time.
        let isPermitted = try await control.permit(client.ip, minutes: (max(ttl, 1) + 59) / 60)
        guard let row = try await control.client(client.ip) else { throw .deviceNotSeen }
        guard row.client.mac == client.mac else {
            // What is left of another device that had the address before.
            _ = try await control.forget(client.ip)
            throw .busy("openNDS has the address for another device yet")
        }
        guard isPermitted, row.isMarked else { throw .busy("openNDS did not let the device through") }
    }

    func revoke(_ client: GatewayClient) async throws(GatewayError) {
        // A device that changed its address may be there more than once; what is not let through cannot be forgotten.
        for row in try await rows(of: client.mac) { _ = try await control.forget(row.client.ip) }
        guard try await rows(of: client.mac).isEmpty else { throw .busy("openNDS lets the device through yet") }
    }

    /// Whether an address is open, it does not tell.
    func checkWay(to page: WalledGardenRule) async throws(GatewayError) {
        if page.destination.name != nil { try await status().garden.check([page]) }
    }

    /// Its walled garden is its own.
    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}

    func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}

    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {
        try await status().garden.check(rules)
    }

    func walledGarden() async throws(GatewayError) -> [WalledGardenRule] {
        let present = try await status().garden
        return try await surroundings.wantedGarden(siteID).filter(present.opens)
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

    /// Read once for each start of openNDS, if its start can be seen.
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

    /// Whether `row` is what an order for `ttl` seconds would make of it.
    private func holds(_ row: NdsClient, _ client: GatewayClient, _ ttl: Int) -> Bool {
        guard row.isMarked, row.client == client, let end = row.endsAt else { return false }
        let more = end - Int(saturating: now().timeIntervalSince1970) - ttl
        return (0...60).contains(more)
    }
}
