import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Storage

@Suite struct WalledGardenStoreTests {
    private func entry(
        _ text: String, at siteID: UUID, age seconds: Double = 0, kind: WalledGardenEntry.Kind? = .captiveAuth
    ) throws -> WalledGardenEntry {
        WalledGardenEntry(
            id: UUID(), siteID: siteID, name: "Login \(text)",
            destination: try #require(WalledGardenRule.Destination(text: text)), kind: kind,
            createdAt: Venue.now.addingTimeInterval(-seconds))
    }

    @Test(arguments: StorageBackend.all)
    func `entries are read back completely, newest first, page by page`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let entries = try ["a.example", "*.b.example", "203.0.113.0/24"].enumerated().map {
            try entry($1, at: venue.siteID, age: Double($0), kind: [.captiveAuth, .captivePortal, nil][$0])
        }
        for entry in entries.reversed() { try await venue.store.create(entry) }
        #expect(try await venue.store.gardenEntries(of: venue.siteID) == entries)
        let page = try await venue.store.gardenEntries(
            of: venue.siteID, page: ListPage(limit: 1, after: .init(createdAt: entries[0].createdAt, id: entries[0].id))
        )
        #expect(page == [entries[1]])
        #expect(try await venue.store.gardenEntry(entries[2].id, of: venue.siteID) == entries[2])
        #expect(try await venue.store.gardenEntry(entries[2].id, of: UUID()) == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `a destination is in a site's walled garden once`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let first = try entry("a.example", at: venue.siteID)
        let second = try entry("b.example", at: venue.siteID)
        try await venue.store.create(first)
        try await venue.store.create(second)
        await #expect(throws: StoreError.conflict("The site's walled garden has an entry for a.example already.")) {
            try await venue.store.create(try entry("a.example", at: venue.siteID))
        }
        await #expect(throws: StoreError.self) {
            try await venue.store.updateGardenEntry(second.id, of: venue.siteID) { $0.destination = first.destination }
        }
        let renamed = try await venue.store.updateGardenEntry(first.id, of: venue.siteID) { $0.name = "New" }
        #expect(renamed.name == "New")
        #expect(try await venue.store.gardenEntry(first.id, of: venue.siteID) == renamed)
        #expect(try await venue.store.gardenEntry(second.id, of: venue.siteID) == second)
    }

    @Test(arguments: StorageBackend.all)
    func `the number of a site's entries is limited`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        for number in 0..<WalledGardenEntry.mostOfSite {
            try await venue.store.create(try entry("h\(number).example", at: venue.siteID))
        }
        await #expect(throws: StoreError.self) {
            try await venue.store.create(try entry("a.example", at: venue.siteID))
        }
        #expect(try await venue.store.gardenEntries(of: venue.siteID).count == WalledGardenEntry.mostOfSite)
    }

    @Test(arguments: StorageBackend.all)
    func `an entry needs a site, and is deleted with its site`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let siteID = UUID()
        await #expect(throws: StoreError.notFound) { try await venue.store.create(try entry("a.example", at: siteID)) }
        _ = try await venue.store.upsertSite(siteID, in: .default, now: Venue.now) { _ in }
        let kept = try entry("a.example", at: siteID)
        try await venue.store.create(kept)
        #expect(try await venue.store.deleteSite(siteID, in: .default))
        #expect(try await venue.store.gardenEntry(kept.id, of: siteID) == nil)
        await #expect(throws: StoreError.notFound) {
            try await venue.store.updateGardenEntry(kept.id, of: siteID) { $0.name = "x" }
        }
        #expect(try await !venue.store.deleteGardenEntry(kept.id, of: siteID))
    }

    @Test(arguments: StorageBackend.all)
    func `every change of an entry is reported`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let kept = try entry("a.example", at: venue.siteID)
        let before = venue.changes.all.count
        try await venue.store.create(kept)
        _ = try await venue.store.updateGardenEntry(kept.id, of: venue.siteID) { $0.name = "New" }
        #expect(try await venue.store.deleteGardenEntry(kept.id, of: venue.siteID))
        #expect(Array(venue.changes.all[before...]) == Array(repeating: .garden([venue.siteID]), count: 3))
    }

    @Test(arguments: StorageBackend.all)
    func `an instance reports the walled gardens that it joins or leaves`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let other = UUID()
        let gardens = { venue.changes.all.filter { if case .garden = $0 { true } else { false } } }
        #expect(gardens() == [.garden([venue.siteID])])
        _ = try await venue.store.update(venue.instance.id, in: .default) { $0.name = "Bar" }
        #expect(gardens().count == 1)
        _ = try await venue.store.update(venue.instance.id, in: .default) { $0.sites[0].siteID = other }
        #expect(gardens().last == .garden([venue.siteID, other]))
        #expect(try await venue.store.deleteInstance(venue.instance.id, in: .default))
        #expect(gardens().last == .garden([other]))
    }

    @Test(arguments: StorageBackend.all)
    func `the providers at a site are those of its instances`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let integration = AuthIntegration(
            id: UUID(), workspace: .default, name: "Staff", provider: .github, clientID: "id",
            clientSecret: Secret("s"),
            tenant: nil, createdAt: Venue.now)
        try await venue.store.create(integration)
        #expect(try await venue.store.providers(at: venue.siteID).isEmpty)
        _ = try await venue.store.update(venue.instance.id, in: .default) {
            ($0.strategy, $0.integrationID) = (.oauth2, integration.id)
        }
        #expect(venue.changes.all.last == .garden([venue.siteID]))
        #expect(try await venue.store.providers(at: venue.siteID) == [.github])
        _ = try await venue.store.updateIntegration(integration.id, in: .default) { $0.provider = .google }
        #expect(venue.changes.all.last == .garden([venue.siteID]))
        #expect(try await venue.store.providers(at: venue.siteID) == [.google])
        _ = try await venue.store.updateIntegration(integration.id, in: .default) { $0.name = "All" }
        #expect(venue.changes.all.last == .integration(integration.id))
    }
}
