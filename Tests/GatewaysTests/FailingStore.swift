import Captive
import Foundation
import Storage
import Synchronization

/// A store whose next reads or writes fail on request.
final class FailingStore: AccessStore {
    private let store: Store
    private let failures = Mutex((reads: 0, writes: 0))

    init(_ store: Store) { self.store = store }

    /// The next `count` reads fail.
    func failReads(_ count: Int) { failures.withLock { $0.reads = count } }
    /// The next `count` writes fail.
    func failWrites(_ count: Int) { failures.withLock { $0.writes = count } }

    private func read() throws {
        let fails = failures.withLock { failures in
            failures.reads -= 1
            return failures.reads >= 0
        }
        if fails { throw StorageError.refused("cannot read") }
    }

    private func write() throws {
        let fails = failures.withLock { failures in
            failures.writes -= 1
            return failures.writes >= 0
        }
        if fails { throw StorageError.refused("cannot write") }
    }

    func state(of device: SiteDevice) async throws -> DeviceState {
        try read()
        return try await store.state(of: device)
    }

    func runningSessions(atSite siteID: UUID, now: Date) async throws -> [GuestSession] {
        try read()
        return try await store.runningSessions(atSite: siteID, now: now)
    }

    func runningSessions(of client: GatewayClient, now: Date) async throws -> [GuestSession] {
        try read()
        return try await store.runningSessions(of: client, now: now)
    }

    func confirm(_ grant: AccessGrant, now: Date) async throws -> Bool {
        try write()
        return try await store.confirm(grant, now: now)
    }

    func refuse(_ grant: AccessGrant, reason: String, mayHaveBegun: Bool, now: Date) async throws -> Bool {
        try write()
        return try await store.refuse(grant, reason: reason, mayHaveBegun: mayHaveBegun, now: now)
    }

    func confirmRevocation(of device: SiteDevice, now: Date) async throws -> Bool {
        try write()
        return try await store.confirmRevocation(of: device, now: now)
    }

    func settle(_ device: SiteDevice, now: Date) async throws -> Bool {
        try write()
        return try await store.settle(device, now: now)
    }

    func expireSessions(now: Date, limit: Int) async throws -> Int {
        try write()
        return try await store.expireSessions(now: now, limit: limit)
    }

    func claimPending(lease: TimeInterval, limit: Int, now: Date) async throws -> [SiteDevice] {
        try read()
        return try await store.claimPending(lease: lease, limit: limit, now: now)
    }
}
