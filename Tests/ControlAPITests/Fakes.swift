import Captive
import Foundation
import Logging
import NetworkAddress
import Synchronization

/// Records log lines.
final class RecordedLog: LogHandler, Sendable {
    private let recorded = Mutex<[String]>([])
    private let extra = Mutex<Logger.Metadata>([:])

    var lines: [String] { recorded.withLock { $0 } }

    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }

    var metadata: Logger.Metadata {
        get { extra.withLock { $0 } }
        set { extra.withLock { $0 = newValue } }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        recorded.withLock { $0.append("\(event.level) \(event.message) " + fields.joined(separator: " ")) }
    }
}

/// Plans walled gardens from the database; tests set the records.
final class FakeKeeper: WalledGardenReconciler, Sendable {
    private let planner: WalledGardenPlanner
    private let known = Mutex<[UUID: WalledGardenStatus]>([:])

    init(_ store: any WalledGardenStore) {
        planner = WalledGardenPlanner(store: store, publicURL: "https://portal.example") { ["\($0.rawValue).example"] }
    }

    func set(_ record: WalledGardenStatus, for siteID: UUID) { known.withLock { $0[siteID] = record } }
    func garden(of siteID: UUID) async throws -> WalledGarden { try await planner.garden(of: [siteID]) }
    func status(of siteID: UUID) -> WalledGardenStatus { known.withLock { $0[siteID] ?? WalledGardenStatus() } }
}

/// Gateways with the health and rules that a test sets.
final class FakeGateways: GatewayDirectory, Sendable {
    private let known = Mutex<[UUID: FakeGateway]>([:])

    func set(_ health: GatewayHealth, for siteID: UUID, holding rules: [WalledGardenRule] = []) {
        known.withLock { $0[siteID] = FakeGateway(report: health, rules: rules) }
    }

    func gateway(for siteID: UUID) async throws -> (any Gateway)? { known.withLock { $0[siteID] } }
}

struct FakeGateway: Gateway {
    let report: GatewayHealth
    let rules: [WalledGardenRule]

    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}
    func revoke(_ client: GatewayClient) async throws(GatewayError) {}
    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}
    func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}
    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {}
    func walledGarden() async throws(GatewayError) -> [WalledGardenRule] {
        if let problem = report.problem { throw problem }
        return rules
    }
    func list() async throws(GatewayError) -> [GatewayEntry] { [] }
    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? { nil }
    func health() async -> GatewayHealth { report }
}
