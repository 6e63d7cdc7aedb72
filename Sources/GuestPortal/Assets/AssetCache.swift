import Foundation
import HTTPServer
import Synchronization

/// A cache of images in the form in which they are sent. Bounded by bytes, thread-safe; evicts images that were not
/// requested recently.
final class AssetCache: Sendable {
    /// An image in both forms of its response.
    struct Asset: Sendable {
        let tag: String
        let whole: PreparedResponse
        let notModified: PreparedResponse
        let size: Int
    }

    /// Two generations: a requested image moves to the young one, and the old one is dropped as a whole.
    private struct State {
        var young: [UUID: Asset] = [:]
        var old: [UUID: Asset] = [:]
        var youngBytes = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// - Parameter capacity: approximate limit, in bytes of images.
    init(capacity: Int = 32 << 20) { self.capacity = capacity }

    func asset(_ id: UUID) -> Asset? {
        state.withLock { state in
            if let asset = state.young[id] { return asset }
            guard let asset = state.old[id] else { return nil }
            keep(asset, id, in: &state)
            return asset
        }
    }

    func keep(_ asset: Asset, for id: UUID) { state.withLock { keep(asset, id, in: &$0) } }

    /// The size of the cached images in bytes, for tests.
    var size: Int { state.withLock { ($0.young.values.map(\.size) + $0.old.values.map(\.size)).reduce(0, +) } }

    private func keep(_ asset: Asset, _ id: UUID, in state: inout State) {
        if state.youngBytes + asset.size > capacity / 2 {
            (state.old, state.young, state.youngBytes) = (state.young, [:], 0)
        }
        state.old[id] = nil
        if state.young.updateValue(asset, forKey: id) == nil { state.youngBytes += asset.size }
    }
}
