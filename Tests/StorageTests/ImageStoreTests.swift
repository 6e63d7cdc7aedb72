import Captive
import Foundation
import Images
import Testing

@testable import Storage

@Suite struct ImageStoreTests {
    /// A GIF of 1 by 1 pixel.
    private static let dot: [UInt8] =
        Array("GIF89a".utf8) + [1, 0, 1, 0, 0, 0, 0, 0x2C, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3B]

    @Test(arguments: StorageBackend.all)
    func `an image is stored with its instance, whose revision increases`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let picture = try Image(Self.dot)
        let id = venue.instance.id
        #expect(try await venue.store.setImage(.logo, of: id, in: .default, to: picture, now: Venue.now))
        #expect(venue.changes.all.last == .instance(id))
        let instance = try #require(try await venue.store.instance(id))
        let logo = try #require(instance.theme.logo)
        #expect(instance.revision == venue.instance.revision + 1)
        #expect(instance.theme.icon == nil)
        let stored = try #require(try await venue.store.image(logo.id))
        #expect(stored == StoredImage(id: logo.id, mediaType: "image/gif", bytes: picture.bytes))
    }

    @Test(arguments: StorageBackend.all)
    func `a replaced image is kept for pages that refer to it, then deleted`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let picture = try Image(Self.dot)
        let id = venue.instance.id
        var logos: [UUID] = []
        for second in 0...1 {
            let now = Venue.now.addingTimeInterval(Double(second))
            _ = try await venue.store.setImage(.logo, of: id, in: .default, to: picture, now: now)
            logos.append(try #require(try await venue.store.instance(id)?.theme.logo?.id))
        }
        #expect(try await venue.store.image(logos[0]) != nil)
        #expect(try await venue.store.deleteImages(replacedBefore: Venue.now.addingTimeInterval(1), limit: 9) == 0)
        #expect(try await venue.store.deleteImages(replacedBefore: Venue.now.addingTimeInterval(2), limit: 9) == 1)
        #expect(try await venue.store.image(logos[0]) == nil)
        #expect(try await venue.store.image(logos[1]) != nil)
    }

    @Test(arguments: StorageBackend.all)
    func `an image is deleted once`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let id = venue.instance.id
        _ = try await venue.store.setImage(.icon, of: id, in: .default, to: try Image(Self.dot), now: Venue.now)
        #expect(try await venue.store.setImage(.icon, of: id, in: .default, to: nil, now: Venue.now))
        #expect(try await venue.store.instance(id)?.theme.icon == nil)
        let told = venue.changes.all.count
        #expect(try await !venue.store.setImage(.icon, of: id, in: .default, to: nil, now: Venue.now))
        #expect(venue.changes.all.count == told)
    }

    @Test(arguments: StorageBackend.all)
    func `an instance of another workspace gets no image, and images are deleted with their instance`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let id = venue.instance.id
        let other = try #require(Workspace(rawValue: "other"))
        let picture = try Image(Self.dot)
        await #expect(throws: StoreError.notFound) {
            try await venue.store.setImage(.logo, of: id, in: other, to: picture, now: Venue.now)
        }
        _ = try await venue.store.setImage(.logo, of: id, in: .default, to: picture, now: Venue.now)
        let logo = try #require(try await venue.store.instance(id)?.theme.logo?.id)
        #expect(try await venue.store.deleteInstance(id, in: .default))
        #expect(try await venue.store.image(logo) == nil)
    }
}
