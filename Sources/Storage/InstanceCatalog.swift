package import Captive
package import Foundation
import Synchronization

/// A cache of instances, so that guest requests need no database access. Loaded on demand and evicted after a change.
/// Thread-safe. The synchronous reads never wait for I/O.
package final class InstanceCatalog: Sendable {
    private let store: Store
    private let direct: Set<Workspace>
    private let state = Mutex(State())

    private struct State {
        var instances: [UUID: Instance] = [:]
        var subnets: SubnetIndex?
        /// Increases with every eviction, so that values read before a change are not cached after it.
        var generation = 0
    }

    /// - Parameter direct: workspaces whose guests can be identified by IP address alone.
    package init(store: Store, direct: Set<Workspace> = [.default]) {
        self.store = store
        self.direct = direct
    }

    /// The cached instance; nil if it is not cached, whether or not it exists.
    package func cached(_ id: UUID) -> Instance? { state.withLock { $0.instances[id] } }

    /// The instance, cached or read; nil if it does not exist.
    package func instance(_ id: UUID) async throws -> Instance? {
        if let instance = cached(id) { return instance }
        let generation = state.withLock { $0.generation }
        guard let instance = try await store.instance(id) else { return nil }
        state.withLock { if $0.generation == generation { $0.instances[id] = instance } }
        return instance
    }

    /// The cached subnets of all instances; nil if they are not cached.
    package var cachedSubnets: SubnetIndex? { state.withLock { $0.subnets } }

    /// The subnets of all instances.
    package func subnets() async throws -> SubnetIndex {
        if let subnets = cachedSubnets { return subnets }
        let generation = state.withLock { $0.generation }
        let subnets = SubnetIndex(try await store.claims(), direct: direct)
        state.withLock { if $0.generation == generation { $0.subnets = subnets } }
        return subnets
    }

    /// Evicts the subnets and one instance, or all instances if `id` is nil.
    package func evict(_ id: UUID? = nil) {
        state.withLock { state in
            state.generation += 1
            state.subnets = nil
            if let id { state.instances[id] = nil } else { state.instances = [:] }
        }
    }
}
