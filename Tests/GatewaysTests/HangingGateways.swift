import Captive
import Foundation
import NetworkAddress
import Synchronization

@testable import Gateways

/// Gateways that count calls of `health`. Those of `sites` wait until another gateway has been called twice.
final class HangingGateways: GatewayDirectory {
    private let hanging: Set<UUID>
    private let key: UUID
    private let state = Mutex<[UUID: Int]>([:])

    /// All calls continue once the gateway of `key` is called a second time.
    init(sites: Set<UUID>, freedBy key: UUID) {
        hanging = sites
        self.key = key
    }

    /// The number of calls for each site's gateway.
    var visits: [UUID: Int] { state.withLock { $0 } }
    var isFree: Bool { state.withLock { $0[key, default: 0] >= 2 } }

    func gateway(for siteID: UUID) async throws -> (any Gateway)? { HangingGateway(site: siteID, directory: self) }

    fileprivate func health(of site: UUID) async -> GatewayHealth {
        state.withLock { $0[site, default: 0] += 1 }
        while hanging.contains(site), !isFree { await Task.yield() }
        return GatewayHealth()
    }
}

private struct HangingGateway: Gateway {
    let site: UUID
    let directory: HangingGateways

    func health() async -> GatewayHealth { await directory.health(of: site) }
    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}
    func revoke(_ client: GatewayClient) async throws(GatewayError) {}
    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}
    func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}
    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {}
    func walledGarden() async throws(GatewayError) -> [WalledGardenRule] { [] }
    func list() async throws(GatewayError) -> [GatewayEntry] { [] }
    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? { nil }
}
