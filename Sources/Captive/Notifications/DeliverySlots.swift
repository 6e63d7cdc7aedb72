/// How many deliveries may be under way, in all and of each workspace: a workspace whose receivers hang keeps no other
/// from being told.
package struct DeliverySlots: Sendable {
    private let total: Int
    package let perWorkspace: Int
    private var taken: [Workspace: Int] = [:]

    package init(total: Int = 32, perWorkspace: Int = 4) {
        self.total = total
        self.perWorkspace = perWorkspace
    }

    package var hasFree: Bool { taken.values.reduce(0, +) < total }

    /// Deliveries of the workspace that are under way.
    package func count(of workspace: Workspace) -> Int { taken[workspace] ?? 0 }

    /// False if there is no place for a delivery of the workspace.
    package mutating func take(_ workspace: Workspace) -> Bool {
        guard hasFree, count(of: workspace) < perWorkspace else { return false }
        taken[workspace, default: 0] += 1
        return true
    }

    /// Gives back what `take` took.
    package mutating func give(_ workspace: Workspace) {
        let left = count(of: workspace) - 1
        taken[workspace] = left > 0 ? left : nil
    }
}
