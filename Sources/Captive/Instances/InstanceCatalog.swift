package import Foundation
import Synchronization

/// The instances in memory, so that a guest's request needs no database. Loaded on demand and forgotten when told of a
/// change. Thread-safe; the synchronous reads never wait for I/O.
package final class InstanceCatalog: Sendable {
    private let store: any InstanceStore
    private let direct: Set<Workspace>
    private let state = Mutex(State())

    private struct State {
        var instances: [UUID: Instance] = [:]
        var subnets: SubnetIndex?
        /// Grows with every change, so that what was read before one is not kept after it.
        var generation = 0
    }

    /// - Parameter direct: workspaces whose guests are known by their addresses alone.
    package init(store: any InstanceStore, direct: Set<Workspace> = [.default]) {
        self.store = store
        self.direct = direct
    }

    /// The instance if it is in memory; nil says nothing about whether it exists.
    package func cached(_ id: UUID) -> Instance? { state.withLock { $0.instances[id] } }

    package func instance(_ id: UUID) async throws -> Instance? {
        if let instance = cached(id) { return instance }
        let generation = state.withLock { $0.generation }
        guard let instance = try await store.instance(id) else { return nil }
        state.withLock { if $0.generation == generation { $0.instances[id] = instance } }
        return instance
    }

    /// Whose guest an address is, if that is in memory.
    package var cachedSubnets: SubnetIndex? { state.withLock { $0.subnets } }

    /// Whose guest an address is.
    package func subnets() async throws -> SubnetIndex {
        if let subnets = cachedSubnets { return subnets }
        let generation = state.withLock { $0.generation }
        let subnets = SubnetIndex(try await store.claims(), direct: direct)
        state.withLock { if $0.generation == generation { $0.subnets = subnets } }
        return subnets
    }

    /// Forgets one instance, or all, and whose guest an address is.
    package func forget(_ id: UUID? = nil) {
        state.withLock { state in
            state.generation += 1
            state.subnets = nil
            if let id { state.instances[id] = nil } else { state.instances = [:] }
        }
    }
}
