import Captive
import Foundation
import NetworkAddress
import Synchronization

/// A gateway with scripted results that records its calls. Also the directory of all sites.
final class FakeGateway: Gateway, GatewayDirectory {
    struct Call: Equatable {
        var kind: Kind
        var client: GatewayClient
        var ttl: Int
        var time: Date

        enum Kind { case authorize, revoke }
    }

    private struct State {
        var answers: [GatewayError] = []
        var always: (error: GatewayError, matches: @Sendable (Call) -> Bool)?
        var calls: [Call] = []
        var isHeld = false
    }

    private let state = Mutex(State())
    private let now: @Sendable () -> Date

    init(now: @escaping @Sendable () -> Date) { self.now = now }

    /// Errors of the next calls, in order. Further calls succeed.
    func fail(_ errors: [GatewayError]) { state.withLock { $0.answers += errors } }
    /// The error of every call that matches; nil for none.
    func failAlways(_ error: GatewayError?, where matches: @escaping @Sendable (Call) -> Bool = { _ in true }) {
        state.withLock { state in state.always = error.map { ($0, matches) } }
    }
    /// Calls do not return until `release` is called.
    func hold() { state.withLock { $0.isHeld = true } }
    func release() { state.withLock { $0.isHeld = false } }
    var calls: [Call] { state.withLock { $0.calls } }

    func gateway(for siteID: UUID) async throws -> (any Gateway)? { self }

    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try await answer(Call(kind: .authorize, client: client, ttl: ttl, time: now()))
    }

    func revoke(_ client: GatewayClient) async throws(GatewayError) {
        try await answer(Call(kind: .revoke, client: client, ttl: 0, time: now()))
    }

    private func answer(_ call: Call) async throws(GatewayError) {
        state.withLock { $0.calls.append(call) }
        while state.withLock({ $0.isHeld }), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(1)) }
        if Task.isCancelled { throw .unreachable("cancelled") }
        let error: GatewayError? = state.withLock { state in
            if let always = state.always, always.matches(call) { return always.error }
            return state.answers.isEmpty ? nil : state.answers.removeFirst()
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

/// The gateways of several sites.
struct FakeGateways: GatewayDirectory {
    let gateways: [UUID: FakeGateway]

    func gateway(for siteID: UUID) async throws -> (any Gateway)? { gateways[siteID] }
}
