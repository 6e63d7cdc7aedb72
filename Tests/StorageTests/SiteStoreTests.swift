import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct SiteStoreTests {
    @Test(arguments: StorageBackend.all)
    func `router settings are read back completely, for each kind of trust`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let trusts: [RouterSettings.Trust] = [
            .system, .authority(pem: "PEM"), .pinned(sha256: Array(repeating: 9, count: 32)),
        ]
        for trust in trusts {
            let id = UUID()
            let written = try await venue.store.upsertSite(id, in: .default, now: Venue.now) {
                $0.name = "Hotel"
                $0.router = RouterSettings(
                    driver: .routerosREST, url: "https://10.0.0.1", username: "portico", password: Secret("hush"),
                    trust: trust, fasKey: Secret("key"))
            }
            #expect(try await venue.store.site(id) == written)
            #expect(written.router?.trust == trust)
        }
        #expect(try await venue.store.sitesWithRouter().count == trusts.count)
    }

    @Test(arguments: StorageBackend.all)
    func `a site keeps its workspace`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let other = try #require(Workspace(rawValue: "other"))
        await #expect(throws: StoreError.self) {
            try await venue.store.upsertSite(venue.siteID, in: other, now: Venue.now) { $0.name = "Mine" }
        }
        #expect(try await venue.store.site(venue.siteID, in: other) == nil)
        #expect(try await venue.store.site(venue.siteID, in: .default)?.name == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `a site that an instance names is not deleted`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        await #expect(throws: StoreError.self) { try await venue.store.deleteSite(venue.siteID, in: .default) }
        #expect(try await venue.store.deleteInstance(venue.instance.id, in: .default))
        #expect(try await venue.store.deleteSite(venue.siteID, in: .default))
        #expect(venue.changes.all.last == .site(venue.siteID))
        #expect(try await venue.store.deleteSite(venue.siteID, in: .default) == false)
    }
}
