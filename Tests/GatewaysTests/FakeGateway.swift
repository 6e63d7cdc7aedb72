import Captive
import Foundation
import NetworkAddress
import Synchronization

/// A gateway with scripted results that records its calls. Also the directory of all sites.
final class FakeGateway: Gateway, GatewayDirectory {
    struct Call: Equatable {
        var kind: GatewayOrder.Kind
        var client: GatewayClient
        var ttl: Int
        var time: Date
    }

    private struct State {
        var answers: [GatewayError] = []
        var always: GatewayError?
        var calls: [Call] = []
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Date

    init(now: @escaping @Sendable () -> Date) { self.now = now }

    /// Errors of the next calls, in order. Further calls succeed.
    func fail(_ errors: [GatewayError]) { state.withLock { $0.answers += errors } }
    /// The error of every call; nil for none.
    func failAlways(_ error: GatewayError?) { state.withLock { $0.always = error } }
    var calls: [Call] { state.withLock { $0.calls } }

    func gateway(for siteID: UUID) async throws -> (any Gateway)? { self }

    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try answer(Call(kind: .authorize, client: client, ttl: ttl, time: now()))
    }

    func revoke(_ client: GatewayClient) async throws(GatewayError) {
        try answer(Call(kind: .revoke, client: client, ttl: 0, time: now()))
    }

    private func answer(_ call: Call) throws(GatewayError) {
        let error = state.withLock { state in
            state.calls.append(call)
            return state.always ?? (state.answers.isEmpty ? nil : state.answers.removeFirst())
        }
        if let error { throw error }
    }

    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}
    func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}
    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {}
    func walledGarden() async throws(GatewayError) -> [WalledGardenRule] { [] }
    func list() async throws(GatewayError) -> [GatewayEntry] { [] }
    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? { nil }
    func health() async -> GatewayHealth { GatewayHealth() }
}
