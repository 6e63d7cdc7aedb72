import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Storage

@Suite struct InstanceStoreTests {
    private func other() throws -> Workspace { try #require(Workspace(rawValue: "other")) }

    @Test(arguments: StorageBackend.all)
    func `a created instance is read back completely`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        var instance = try Venue.instance(at: UUID(), "10.1.0.0/24", "10.2.0.0/16")
        instance.sites.append(.init(siteID: UUID(), subnets: []))
        instance.theme.boxColor = Color(red: 1, green: 2, blue: 3)
        instance.theme.logo = ThemeImage(id: UUID(), mediaType: "image/png", width: 10, height: 20)
        instance.termsText = "Be kind."
        instance.locale = "de"
        instance.venueInfoURL = VenueInfoURL("https://hotel.example.org/guests#wifi")
        try await venue.store.create(instance)
        #expect(try await venue.store.instance(instance.id) == instance)
        #expect(try await venue.store.instance(instance.id, in: .default) == instance)
        #expect(try await venue.store.instance(instance.id, in: other()) == nil)
        #expect(try await venue.store.instances(in: .default, page: ListPage()).count == 2)
        #expect(try await venue.store.instances(at: instance.sites[0].siteID) == [instance])
        #expect(venue.changes.all.contains(.instance(instance.id)))
    }

    @Test(arguments: StorageBackend.all)
    func `missing sites are created, and claims have each subnet's instance`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let site = try #require(try await venue.store.site(venue.siteID))
        #expect(site.workspace == .default && site.router == nil)
        let subnet = try #require(Subnet("10.0.0.0/24"))
        #expect(
            try await venue.store.claims() == [
                SubnetClaim(siteID: venue.siteID, subnet: subnet, instanceID: venue.instance.id)
            ])
    }

    @Test(arguments: StorageBackend.all)
    func `an overlapping subnet is refused by name and nothing is written`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let rival = try Venue.instance(at: venue.siteID, "10.0.0.128/25")
        do {
            try await venue.store.create(rival)
            Issue.record("accepted")
        } catch StoreError.conflict(let text) {
            #expect(text.contains("10.0.0.128/25") && text.contains(venue.siteID.text))
        }
        #expect(try await venue.store.instance(rival.id) == nil)
        let twice = try Venue.instance(at: UUID(), "10.0.0.0/24", "10.0.0.0/8")
        await #expect(throws: StoreError.self) { try await venue.store.create(twice) }
    }

    @Test(arguments: StorageBackend.all)
    func `a site of another workspace is refused without naming its subnets`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let rival = try Venue.instance(at: venue.siteID, "10.0.0.0/25", in: try other())
        do {
            try await venue.store.create(rival)
            Issue.record("accepted")
        } catch StoreError.conflict(let text) {
            #expect(!text.contains("10.0.0"))
        }
    }

    @Test(arguments: StorageBackend.all)
    func `a change increments the revision, moves the claims and is reported`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let subnet = try #require(Subnet("10.0.0.0/25"))
        let changed = try await venue.store.update(venue.instance.id, in: .default) {
            $0.name = "Bar"
            $0.sites[0].subnets = [subnet]
        }
        #expect(changed.revision == 2 && changed.name == "Bar")
        #expect(try await venue.store.instance(venue.instance.id) == changed)
        #expect(try await venue.store.claims().map(\.subnet) == [subnet])
        #expect(
            venue.changes.all == [.instance(changed.id), .garden([venue.siteID]), .instance(changed.id)])
    }

    @Test(arguments: StorageBackend.all)
    func `a change that throws changes nothing`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        await #expect(throws: Venue.Unexpected.self) {
            try await venue.store.update(venue.instance.id, in: .default) {
                $0.name = "Bar"
                throw Venue.Unexpected()
            }
        }
        await #expect(throws: StoreError.notFound) {
            try await venue.store.update(venue.instance.id, in: other()) { $0.name = "Bar" }
        }
        #expect(try await venue.store.instance(venue.instance.id) == venue.instance)
    }

    @Test(arguments: StorageBackend.all)
    func `deleting an instance deletes its coupons and ends its sessions`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let running = try await venue.online(Venue.client(1))
        _ = try await venue.coupons(3)
        #expect(try await venue.store.deleteInstance(venue.instance.id, in: other()) == false)
        #expect(try await venue.store.deleteInstance(venue.instance.id, in: .default))
        #expect(try await venue.store.validCoupons(of: venue.instance.id, now: Venue.now, page: ListPage()).isEmpty)
        let session = try await venue.store.session(running.id)
        #expect(session?.status == .disconnected && session?.reason == "instance_deleted")
        #expect(try await venue.next(running.client) == .deauthorize(running.client))
        let device = venue.device(running.client)
        #expect(try await venue.pending().map(\.device) == [device] && venue.changes.all.last == .pending([device]))
        #expect(try await venue.store.deleteInstance(venue.instance.id, in: .default) == false)
    }

    @Test(arguments: StorageBackend.all)
    func `an integration must be of the instance's workspace`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        await #expect(throws: StoreError.self) {
            var instance = try Venue.instance(at: UUID())
            instance.integrationID = UUID()
            try await venue.store.create(instance)
        }
    }

    @Test(arguments: StorageBackend.all)
    func `pages are newest first`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let newer = try Venue.instance(at: UUID(), createdAt: Venue.now.addingTimeInterval(1))
        try await venue.store.create(newer)
        let first = try await venue.store.instances(in: .default, page: ListPage(limit: 1))
        let cursor = ListPage.Cursor(createdAt: newer.createdAt, id: newer.id)
        let second = try await venue.store.instances(in: .default, page: ListPage(limit: 1, after: cursor))
        #expect(first == [newer] && second == [venue.instance])
    }
}
