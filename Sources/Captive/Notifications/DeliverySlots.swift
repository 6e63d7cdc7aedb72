/// Limits concurrent deliveries in total and per workspace, so that slow receivers of one workspace do not delay the
/// others.
package struct DeliverySlots: Sendable {
    private let total: Int
    package let perWorkspace: Int
    private var used: [Workspace: Int] = [:]

    package init(total: Int = 32, perWorkspace: Int = 4) {
        self.total = total
        self.perWorkspace = perWorkspace
    }

    package var hasFree: Bool { used.values.reduce(0, +) < total }

    /// The number of running deliveries of a workspace.
    package func count(of workspace: Workspace) -> Int { used[workspace] ?? 0 }

    /// Returns false if there is no free slot for the workspace.
    package mutating func acquire(_ workspace: Workspace) -> Bool {
        guard hasFree, count(of: workspace) < perWorkspace else { return false }
        used[workspace, default: 0] += 1
        return true
    }

    /// Releases a slot that `acquire` returned.
    package mutating func release(_ workspace: Workspace) {
        let left = count(of: workspace) - 1
        used[workspace] = left > 0 ? left : nil
    }
}
