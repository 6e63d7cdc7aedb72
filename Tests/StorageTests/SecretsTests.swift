import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct SecretsTests {
    private func store(_ database: any Database, keys: UInt8...) throws -> Store {
        Store(database, sealer: try #require(Sealer(keys: keys.map { Array(repeating: $0, count: 32) })))
    }

    @Test func `no file of the database holds a secret in plain text`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        try await venue.store.create(AuthIntegrationStoreTests.integration(secret: "plain-client-secret"))
        _ = try await venue.store.upsertSite(venue.siteID, in: .default, now: Venue.now) {
            $0.router = RouterSettings(
                driver: .opennds, username: "plain-user-name", password: Secret("plain-router-password"),
                fasKey: Secret("plain-fas-key"))
        }
        var bytes = Data()
        for name in try FileManager.default.contentsOfDirectory(atPath: venue.folder.path) {
            bytes += try Data(contentsOf: URL(filePath: venue.folder.path + "/" + name))
        }
        #expect(bytes.range(of: Data("plain-user-name".utf8)) != nil)
        for secret in ["plain-client-secret", "plain-router-password", "plain-fas-key"] {
            #expect(bytes.range(of: Data(secret.utf8)) == nil)
        }
    }

    @Test(arguments: StorageBackend.all)
    func `a secret opens with an old key after a rotation, and with no other`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let integration = AuthIntegrationStoreTests.integration()
        try await store(venue.database, keys: 1).create(integration)
        #expect(try await store(venue.database, keys: 2, 1).integration(integration.id) == integration)
        let unreadable = try await store(venue.database, keys: 2).integration(integration.id)
        #expect(unreadable?.name == integration.name && unreadable?.clientSecret.revealed == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `a sealed secret moved to another row does not open`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let (one, two) = (
            AuthIntegrationStoreTests.integration(), AuthIntegrationStoreTests.integration(secret: "other")
        )
        try await venue.store.create(one)
        try await venue.store.create(two)
        _ = try await venue.database.write {
            try $0.execute(
                """
                UPDATE integrations SET client_secret = (SELECT client_secret FROM integrations WHERE id = ?1)
                WHERE id = ?2
                """, [.id(one.id), .id(two.id)])
        }
        #expect(try await venue.store.integration(one.id) == one)
        #expect(try await venue.store.integration(two.id)?.clientSecret.revealed == nil)
    }
}
