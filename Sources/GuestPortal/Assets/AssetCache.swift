import Foundation
import HTTPServer
import Synchronization

/// Images as they go out, in memory. Bounded by their bytes, thread-safe; what was not asked for lately is let go.
final class AssetCache: Sendable {
    /// An image in both its answers.
    struct Asset: Sendable {
        let tag: String
        let whole: PreparedResponse
        let notModified: PreparedResponse
        let size: Int
    }

    /// Two generations: what is asked for moves to the young one, and the old one is dropped as a whole.
    private struct State {
        var young: [UUID: Asset] = [:]
        var old: [UUID: Asset] = [:]
        var youngBytes = 0
    }

    private let capacity: Int
    private let state = Mutex(State())

    /// `capacity`: bytes of images, about.
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

    /// Bytes held, for tests.
    var size: Int { state.withLock { ($0.young.values.map(\.size) + $0.old.values.map(\.size)).reduce(0, +) } }

    private func keep(_ asset: Asset, _ id: UUID, in state: inout State) {
        if state.youngBytes + asset.size > capacity / 2 {
            (state.old, state.young, state.youngBytes) = (state.young, [:], 0)
        }
        state.old[id] = nil
        if state.young.updateValue(asset, forKey: id) == nil { state.youngBytes += asset.size }
    }
}
