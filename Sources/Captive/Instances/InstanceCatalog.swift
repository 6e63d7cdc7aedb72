package import Foundation
package import NetworkAddress
import Synchronization

/// The instances in memory, so that a guest's request needs no database. Loaded on demand and forgotten when told of a
/// change. Thread-safe; the synchronous reads never wait for I/O.
package final class InstanceCatalog: Sendable {
    private let store: any InstanceStore
    private let state = Mutex(State())

    private struct State {
        var instances: [UUID: Instance] = [:]
        var claims: [UUID: [SubnetClaim]]?
        var generation = 0
    }

    package init(store: any InstanceStore) { self.store = store }

    /// The instance if it is in memory; nil says nothing about whether it exists.
    package func cached(_ id: UUID) -> Instance? { state.withLock { $0.instances[id] } }

    package func instance(_ id: UUID) async throws -> Instance? {
        if let instance = cached(id) { return instance }
        let generation = state.withLock { $0.generation }
        guard let instance = try await store.instance(id) else { return nil }
        state.withLock { if $0.generation == generation { $0.instances[id] = instance } }
        return instance
    }

    /// As `claims(holding:)`, without waiting; nil if they are not in memory.
    package func cachedClaims(holding address: IPAddress) -> [SubnetClaim]? {
        state.withLock { $0.claims }.map { $0.values.compactMap { Self.best($0, address) } }
    }

    /// The instance whose subnet at the site holds `address`, longest prefix first.
    package func claim(at siteID: UUID, _ address: IPAddress) async throws -> SubnetClaim? {
        Self.best(try await claims()[siteID] ?? [], address)
    }

    /// The claims of all sites whose subnets hold `address`, the best of each site.
    package func claims(holding address: IPAddress) async throws -> [SubnetClaim] {
        try await claims().values.compactMap { Self.best($0, address) }
    }

    /// Whether some instance names the site.
    package func knows(site siteID: UUID) async throws -> Bool { try await claims()[siteID] != nil }

    /// Forgets one instance, or all, and which subnets are whose.
    package func forget(_ id: UUID? = nil) {
        state.withLock { state in
            state.generation += 1
            state.claims = nil
            if let id { state.instances[id] = nil } else { state.instances = [:] }
        }
    }

    private func claims() async throws -> [UUID: [SubnetClaim]] {
        if let claims = state.withLock({ $0.claims }) { return claims }
        let generation = state.withLock { $0.generation }
        let claims = Dictionary(grouping: try await store.claims(), by: \.siteID)
        state.withLock { if $0.generation == generation { $0.claims = claims } }
        return claims
    }

    private static func best(_ claims: [SubnetClaim], _ address: IPAddress) -> SubnetClaim? {
        claims.filter { $0.subnet.contains(address) }.max { $0.subnet.prefixLength < $1.subnet.prefixLength }
    }
}
