import Captive
import Foundation
import Storage
import Synchronization
import Testing

/// Reconciles a device that the store has marked when a request waits for it. The test sets the router's answer.
final class TestReconciler: AccessReconciler {
    enum Router: Sendable {
        case confirms
        /// The router does not answer.
        case isAway
        /// The router authorizes no device.
        case refuses(GatewayError)
    }

    /// A completed command of the router.
    struct Call: Sendable, Equatable {
        enum Kind: Sendable { case authorize, deauthorize }

        var kind: Kind
        var client: GatewayClient
    }

    private let router = Mutex(Router.confirms)
    private let done = Mutex<[Call]>([])
    private let store: Store
    private let devices: MarkedDevices
    private let now: WallClock

    init(store: Store, devices: MarkedDevices, now: @escaping WallClock) {
        self.store = store
        self.devices = devices
        self.now = now
    }

    func set(_ router: Router) { self.router.withLock { $0 = router } }

    /// The router's completed commands, in order.
    var calls: [Call] { done.withLock(\.self) }

    /// The devices that the store has marked, in order, once for each mark.
    var marked: [SiteDevice] { devices.all }

    /// Reconciles all marked devices that can be reconciled now, in the order of the marks.
    func wait(for device: SiteDevice, atMost limit: Duration) async -> Bool {
        var tried: Set<SiteDevice> = []
        while let next = devices.pending.first(where: { !tried.contains($0) }) {
            tried.insert(next)
            do {
                if try await reconcile(next) { devices.settle(next) }
            } catch {
                Issue.record(error, "a device that the store has marked is not reconciled")
            }
        }
        return !devices.pending.contains(device)
    }

    /// Returns true if the device needs no further work.
    private func reconcile(_ device: SiteDevice) async throws -> Bool {
        let router = router.withLock(\.self)
        var isSettled = false
        while !isSettled {
            let time = now()
            switch (try await store.state(of: device).next(at: time), router) {
            case (.settled, _): isSettled = try await store.settle(device, now: time)
            case (.refuse(let grant), _):
                let reason = GuestSession.EndReason.occupied.rawValue
                isSettled = try await store.refuse(grant, reason: reason, mayHaveBegun: false, now: time)
            case (.authorize(let grant), .confirms):
                done.withLock { $0.append(Call(kind: .authorize, client: grant.client)) }
                isSettled = try await store.confirm(grant, now: time)
            case (.authorize(let grant), .refuses(let error)) where grant.purpose != .restore:
                isSettled = try await store.refuse(grant, reason: error.reason, mayHaveBegun: false, now: time)
            case (.deauthorize(let client), .confirms), (.deauthorize(let client), .refuses):
                done.withLock { $0.append(Call(kind: .deauthorize, client: client)) }
                isSettled = try await store.confirmRevocation(of: device, now: time)
            case (.authorize, _), (.deauthorize, _), (.wait, _): return false
            }
        }
        return true
    }
}

/// The devices that the store reports as marked, for a reconciler that is created after the store.
final class MarkedDevices: Sendable {
    private let state = Mutex((all: [SiteDevice](), pending: [SiteDevice]()))

    var all: [SiteDevice] { state.withLock(\.all) }

    /// The devices whose router may differ from its desired state.
    var pending: [SiteDevice] { state.withLock(\.pending) }

    @Sendable func add(_ change: StoreChange) {
        guard case .pending(let devices) = change else { return }
        state.withLock { state in
            state.all += devices
            state.pending += devices.filter { !state.pending.contains($0) }
        }
    }

    func settle(_ device: SiteDevice) { state.withLock { $0.pending.removeAll { $0 == device } } }
}
