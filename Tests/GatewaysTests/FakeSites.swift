import Captive
import Foundation
import Synchronization

/// Sites in memory, with a count of reads.
final class FakeSites: SiteStore {
    private let state = Mutex<(sites: [UUID: Site], reads: Int)>(([:], 0))

    var reads: Int { state.withLock { $0.reads } }

    func set(_ router: RouterSettings?, for id: UUID) {
        let site = Site(id: id, workspace: .default, router: router, createdAt: Date(timeIntervalSince1970: 0))
        state.withLock { $0.sites[id] = site }
    }

    func site(_ id: UUID) async throws -> Site? {
        state.withLock { state in
            state.reads += 1
            return state.sites[id]
        }
    }

    func sitesWithRouter() async throws -> [Site] {
        state.withLock { $0.sites.values.filter { $0.router != nil } }
    }

    func sites(in workspace: Workspace, page: ListPage) async throws -> [Site] { try await sitesWithRouter() }
    func site(_ id: UUID, in workspace: Workspace) async throws -> Site? { try await site(id) }
    func deleteSite(_ id: UUID, in workspace: Workspace) async throws -> Bool {
        state.withLock { $0.sites.removeValue(forKey: id) != nil }
    }

    func upsertSite(
        _ id: UUID, in workspace: Workspace, now: Date, _ change: @Sendable @escaping (inout Site) throws -> Void
    ) async throws -> Site {
        try state.withLock { state in
            var site = state.sites[id] ?? Site(id: id, workspace: workspace, createdAt: now)
            try change(&site)
            state.sites[id] = site
            return site
        }
    }
}
