import Captive
import Foundation
import Logging
import NetworkAddress
import Synchronization

/// Keeps log lines, so that a test can read them.
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

/// Routers that say what a test tells them to.
final class FakeGateways: GatewayDirectory, Sendable {
    private let known = Mutex<[UUID: GatewayHealth]>([:])

    func set(_ health: GatewayHealth, for siteID: UUID) { known.withLock { $0[siteID] = health } }

    func gateway(for siteID: UUID) async throws -> (any Gateway)? {
        known.withLock { $0[siteID] }.map(FakeGateway.init)
    }
}

struct FakeGateway: Gateway {
    let report: GatewayHealth

    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}
    func revoke(_ client: GatewayClient) async throws(GatewayError) {}
    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}
    func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}
    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {}
    func list() async throws(GatewayError) -> [GatewayEntry] { [] }
    func walledGarden() async throws(GatewayError) -> [WalledGardenRule] { [] }
    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? { nil }
    func health() async -> GatewayHealth { report }
}
