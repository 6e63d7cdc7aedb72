package import Captive
internal import Foundation
package import NetworkAddress
internal import Synchronization

/// An openNDS gateway on the machine that the portal runs on. openNDS sends guests to the portal as its forwarding
/// authentication service; the portal tells openNDS by ndsctl whom to let through. openNDS ends a stay by itself.
package final class OpenNDSGateway: CaptureReader {
    private let siteID: UUID
    private let control: NdsControl
    private let devices = NeighbourTable()
    private let now: WallClock
    private let wished = Mutex<[WalledGardenRule]>([])

    /// Throws `.misconfigured` if this machine has no openNDS.
    init(siteID: UUID, now: @escaping WallClock = { Date() }) throws(GatewayError) {
        guard let ndsctl = ChildProgram(oneOf: NdsControl.programs) else {
            throw .misconfigured(
                "this machine has no openNDS; install it, or run the portal on the machine that has it")
        }
        self.siteID = siteID
        self.now = now
        control = NdsControl(ndsctl)
    }

    package func capturedGuest(in field: (String) -> String?) throws(GatewayError) -> CapturedGuest? {
        guard let fas = field("fas") else { return nil }
        let query = try FASQuery(fas)
        return CapturedGuest(client: query.client, destination: query.origin)
    }

    package func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try check(client)
        let held = try await control.client(client.mac.description)
        if let held, holds(held, client, ttl) { return }
        if let held, held.isOnline || held.client != client { try await revoke(client) }
        // openNDS counts in minutes; the portal ends the last one in time.
        let isPermitted = try await control.permit(client.ip, minutes: (max(ttl, 1) + 59) / 60)
        guard let row = try await control.client(client.ip.description) else { throw .deviceNotSeen }
        guard row.client.mac == client.mac else {
            // What is left of another device that had the address before.
            _ = try await control.forget(client.ip.description)
            throw .busy("openNDS has the address for another device yet")
        }
        guard isPermitted, row.isMarked else { throw .busy("openNDS did not let the device through") }
    }

    package func revoke(_ client: GatewayClient) async throws(GatewayError) {
        // A device that changed its address may be there more than once.
        for _ in 0..<4 where try await !control.forget(client.mac.description) { return }
    }

    package func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        guard try await !control.status().garden.names.isEmpty else {
            throw .misconfigured(Self.garden("the identity provider's"))
        }
    }

    package func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}

    package func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {
        wished.withLock { $0 = rules }
        let present = try await control.status().garden
        let missing = rules.filter { !present.opens($0) }.map(\.destination.text)
        guard missing.isEmpty else { throw .misconfigured(Self.garden(Set(missing).sorted().joined(separator: " "))) }
    }

    package func walledGarden() async throws(GatewayError) -> [WalledGardenRule] {
        let present = try await control.status().garden
        return wished.withLock { $0 }.filter(present.opens)
    }

    package func list() async throws(GatewayError) -> [GatewayEntry] {
        let time = Int(now().timeIntervalSince1970)
        return try await control.clients().filter(\.isMarked).map { row in
            GatewayEntry(mac: row.client.mac, ip: row.client.ip, secondsLeft: row.endsAt.map { max(0, $0 - time) })
        }
    }

    package func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        try neighbours().first { $0.ip == address }?.mac
    }

    package func health() async -> GatewayHealth {
        do throws(GatewayError) {
            let status = try await control.status()
            var health = GatewayHealth(
                version: status.version.map { "openNDS \($0)" }, uptime: status.uptime, name: status.name)
            do throws(GatewayError) { try status.check(for: siteID) } catch { health.problem = error }
            return health
        } catch {
            return GatewayHealth(problem: error)
        }
    }

    /// The pair comes from the guest's browser, and is believed only if the kernel holds it.
    private func check(_ client: GatewayClient) throws(GatewayError) {
        guard let mac = try neighbours().first(where: { $0.ip == client.ip })?.mac else { throw .deviceNotSeen }
        guard mac == client.mac else { throw .deviceMismatch }
    }

    private func neighbours() throws(GatewayError) -> [NeighbourTable.Neighbour] {
        do { return try devices.neighbours() } catch {
            throw .busy("the kernel's neighbours cannot be read (\(error))")
        }
    }

    /// Whether `row` is what an order for `ttl` seconds would make of it.
    private func holds(_ row: NdsClient, _ client: GatewayClient, _ ttl: Int) -> Bool {
        guard row.isMarked, row.client == client, let end = row.endsAt else { return false }
        let more = end - Int(now().timeIntervalSince1970) - ttl
        return (0...60).contains(more)
    }

    private static func garden(_ names: String) -> String {
        "openNDS opens names for guests by its own settings only; set walledgarden_fqdn_list (\(names)) and restart it"
    }
}
