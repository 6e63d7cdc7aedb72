package import Captive
package import Foundation
package import NetworkAddress

/// The openNDS gateway of a site, which sends its guests to the portal as its forwarding authentication service. Where
/// openNDS runs on this machine and serves the site, it is told by ndsctl; elsewhere, in the ways of that service.
package final class OpenNDSGateway: ForwardingGateway {
    private let local: LocalOpenNDS?
    private let remote: RemoteOpenNDS

    /// `key` is openNDS's option faskey.
    /// `mayBeLocal`: whether openNDS on this machine may be the site's; if not, ndsctl is never run.
    init(
        siteID: UUID, key: Secret, surroundings: GatewaySurroundings, mayBeLocal: Bool = true,
        now: @escaping WallClock = { Date() }
    ) {
        local = mayBeLocal ? LocalOpenNDS(siteID: siteID, surroundings: surroundings, now: now) : nil
        remote = RemoteOpenNDS(siteID: siteID, key: key, surroundings: surroundings, now: now)
    }

    /// The way to openNDS.
    private var way: any Gateway { get async { await localWay ?? remote } }

    private var localWay: LocalOpenNDS? {
        get async { await local?.isOfSite ?? !remote.isHeardOf ? local : nil }
    }

    package func capturedGuest(
        in field: @Sendable (String) -> String?, isSecure: Bool
    ) async throws(GatewayError) -> CapturedGuest? {
        guard let fas = field("fas") else { return nil }
        let query = try FASQuery(fas, iv: field("iv"), cipher: remote.cipher)
        var guest = CapturedGuest(client: query.client, destination: query.origin)
        if await local?.isOfSite != true {
            try remote.catch(query, isSecure: isSecure)
            guest.doors = remote.doors(for: query, isSecure: isSecure)
        }
        return guest
    }

    package func answer(to field: @Sendable (String) -> String?) async -> String? { await remote.answer(to: field) }

    package func expect(_ client: GatewayClient) async { remote.expect(client) }

    package func wait(before entrance: String, of sessionID: UUID) async -> Int? {
        remote.wait(before: entrance, of: sessionID)
    }

    package func checkWay(to page: WalledGardenRule) async throws(GatewayError) {
        try await localWay?.checkWay(to: page)
    }

    package func cutsOff(_ client: GatewayClient) async -> Bool {
        await localWay != nil || remote.hasCaught(client)
    }

    package func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await way.authorize(client, for: ttl)
    }

    package func revoke(_ client: GatewayClient) async throws(GatewayError) { try await way.revoke(client) }

    package func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await way.openWindow(client, for: ttl)
    }

    package func closeWindow(_ client: GatewayClient) async throws(GatewayError) { try await way.closeWindow(client) }

    package func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) { try await way.apply(rules) }

    package func walledGarden() async throws(GatewayError) -> [WalledGardenRule] { try await way.walledGarden() }

    package func list() async throws(GatewayError) -> [GatewayEntry] { try await way.list() }

    package func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        // An openNDS of this machine that is not known to be the site's says nothing of the site's devices.
        guard let local, await local.isOfSite == true else { return try await remote.device(at: address) }
        return try await local.device(at: address)
    }

    package func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool { try await way.holds(client) }

    package func health() async -> GatewayHealth { await way.health() }
}
