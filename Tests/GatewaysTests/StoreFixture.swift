import Captive
import Foundation
import Gateways
import NetworkAddress
import Synchronization

/// Sessions and orders in memory, with the rules that the queue relies on. What is written is told to `changes`.
final class FakeBooks: SessionStore, OrderStore {
    enum Change: Equatable {
        case confirmed(UUID)
        case failed(UUID, String)
        case finished(UUID)
    }

    private struct State {
        var sessions: [UUID: GuestSession] = [:]
        var pending: [GatewayOrder] = []
        var isBroken = false
    }

    private let state = Mutex(State())
    private let send: AsyncStream<Change>.Continuation
    let changes: AsyncStream<Change>

    init() { (changes, send) = AsyncStream.makeStream() }

    func keep(_ session: GuestSession) { state.withLock { $0.sessions[session.id] = session } }
    func keep(_ order: GatewayOrder) { state.withLock { $0.pending.append(order) } }
    var statuses: [GuestSession.Status] { state.withLock { $0.sessions.values.map(\.status) } }

    /// The next `count` changes.
    func next(_ count: Int = 1) async -> [Change] {
        var found: [Change] = []
        for await change in changes {
            found.append(change)
            if found.count == count { break }
        }
        return found
    }

    func session(_ id: UUID) async throws -> GuestSession? { state.withLock { $0.sessions[id] } }

    func latestSession(of client: MACAddress, at siteID: UUID) async throws -> GuestSession? {
        state.withLock { state in
            state.sessions.values.filter { $0.client.mac == client && $0.siteID == siteID }
                .max { ($0.status == .active ? 1 : 0, $0.createdAt) < ($1.status == .active ? 1 : 0, $1.createdAt) }
        }
    }

    func runningSessions(at address: IPAddress, atSite siteID: UUID, now: Date) async throws -> [GuestSession] {
        try await runningSessions(atSite: siteID, now: now).filter { $0.client.ip == address }
    }

    func runningSessions(of client: GatewayClient, now: Date) async throws -> [GuestSession] {
        state.withLock { $0.sessions.values.filter { $0.client == client && $0.isRunning(at: now) } }
    }

    func waitingSince(_ session: GuestSession) async throws -> Date? {
        state.withLock { $0.pending.first { $0.sessionID == session.id && $0.kind == .authorize }?.createdAt }
    }

    func runningSessions(atSite siteID: UUID, now: Date) async throws -> [GuestSession] {
        state.withLock { $0.sessions.values.filter { $0.siteID == siteID && $0.isRunning(at: now) } }
    }

    func successor(of id: UUID) async throws -> GuestSession? { nil }

    func standing(of id: UUID, for device: MACAddress) async throws -> SessionStanding? {
        try await session(id).map { SessionStanding(session: $0, waitingSince: nil) }
    }

    func due(_ order: GatewayOrder, now: Date) async throws -> GatewayOrder.Due {
        state.withLock { state in
            guard let session = state.sessions[order.sessionID] else { return .pointless }
            let others = state.sessions.values.filter {
                $0.client.mac == order.client.mac && $0.siteID == order.siteID && $0.id != session.id
                    && $0.isRunning(at: now)
            }
            return order.due(for: session, among: others, now: now)
        }
    }

    func confirm(
        _ order: GatewayOrder, for seconds: Int, now: Date
    ) async throws -> GatewayOrder.Confirmation {
        defer { send.yield(.confirmed(order.id)) }
        state.withLock { state in
            guard let replaced = state.sessions[order.sessionID]?.replaces else { return }
            state.sessions[replaced]?.status = .disconnected
        }
        return .done(change(order, to: .active))
    }

    func fail(
        _ order: GatewayOrder, reason: String, mayHaveBegun: Bool, now: Date
    ) async throws -> GatewayOrder.GivenUp {
        let session = state.withLock { $0.sessions[order.sessionID] }
        if let session, session.status == .active, session.isRunning(at: now) { return .kept }
        defer { send.yield(.failed(order.id, reason)) }
        let failed = change(order, to: .failed)
        return .done(instead: mayHaveBegun ? failed.map { .make(.revoke, of: $0, now: now) } : nil)
    }

    func finish(_ order: GatewayOrder) async throws {
        state.withLock { $0.pending.removeAll { $0.id == order.id } }
        send.yield(.finished(order.id))
    }

    func reauthorize(_ id: UUID, client: GatewayClient, now: Date) async throws -> GatewayOrder? {
        state.withLock { state in
            guard var session = state.sessions[id], session.isRunning(at: now) else { return nil }
            session.client = client
            state.sessions[id] = session
            return .make(.authorize, of: session, now: now)
        }
    }

    func end(
        _ id: UUID, as status: GuestSession.Status, reason: GuestSession.EndReason?, now: Date
    ) async throws -> GatewayOrder? {
        state.withLock { state in
            guard let session = state.sessions[id], session.isRunning(at: now) else { return nil }
            state.sessions[id]?.status = status
            return .make(.revoke, of: session, now: now)
        }
    }

    func forgetSessions(endedBefore end: Date, limit: Int) async throws -> Int { 0 }

    func expireSessions(now: Date, limit: Int) async throws -> [GatewayOrder] {
        state.withLock { state in
            let over = state.sessions.values.filter {
                ($0.status == .connecting || $0.status == .active) && $0.expiresAt <= now
            }
            for session in over.prefix(limit) { state.sessions[session.id]?.status = .expired }
            return over.prefix(limit).map { .make(.revoke, of: $0, now: now) }
        }
    }

    func pendingOrders() async throws -> [GatewayOrder] { state.withLock { $0.pending } }

    private func change(_ order: GatewayOrder, to status: GuestSession.Status) -> GuestSession? {
        state.withLock { state in
            state.pending.removeAll { $0.id == order.id }
            if state.sessions[order.sessionID]?.status == .connecting {
                state.sessions[order.sessionID]?.status = status
            }
            return state.sessions[order.sessionID]
        }
    }
}

extension GatewayOrder {
    static func make(_ kind: Kind, of session: GuestSession, now: Date, lasting: TimeInterval? = nil) -> GatewayOrder {
        GatewayOrder(
            id: UUID(), siteID: session.siteID, sessionID: session.id, kind: kind, client: session.client,
            ttl: kind == .revoke ? 0 : session.ttl, createdAt: now,
            deadline: now.addingTimeInterval(lasting ?? Double(session.ttl)))
    }
}

extension GuestSession {
    static func make(
        _ client: GatewayClient, at site: UUID, now: Date, ttl: Int = 3_600, status: Status = .connecting
    ) -> GuestSession {
        GuestSession(
            id: UUID(), siteID: site, instanceID: UUID(), workspace: .default, client: client, status: status,
            strategy: .coupon, ttl: ttl, createdAt: now, expiresAt: now.addingTimeInterval(Double(ttl)))
    }
}
