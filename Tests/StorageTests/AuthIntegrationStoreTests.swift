import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct AuthIntegrationStoreTests {
    static func integration(secret: String = "hush") -> AuthIntegration {
        AuthIntegration(
            id: UUID(), workspace: .default, name: "Staff", provider: .azure, clientID: "client",
            clientSecret: Secret(secret), tenant: "contoso", createdAt: Venue.now)
    }

    @Test(arguments: StorageBackend.all)
    func `an integration is created, read, changed and deleted`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let integration = Self.integration()
        try await venue.store.create(integration)
        #expect(try await venue.store.integration(integration.id) == integration)
        #expect(try await venue.store.integrations(in: .default, page: ListPage()) == [integration])
        let changed = try await venue.store.updateIntegration(integration.id, in: .default) {
            $0.clientSecret = Secret("new")
            $0.tenant = nil
        }
        #expect(try await venue.store.integration(integration.id, in: .default) == changed)
        #expect(changed.clientSecret.revealed == "new" && changed.tenant == nil)
        #expect(try await venue.store.deleteIntegration(integration.id, in: .default))
        #expect(try await venue.store.integration(integration.id) == nil)
    }

    @Test(arguments: StorageBackend.all)
    func `an integration that an instance uses is not deleted`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let integration = Self.integration()
        try await venue.store.create(integration)
        _ = try await venue.store.update(venue.instance.id, in: .default) { $0.integrationID = integration.id }
        await #expect(throws: StoreError.self) {
            try await venue.store.deleteIntegration(integration.id, in: .default)
        }
        #expect(try await venue.store.integration(integration.id) == integration)
    }
}
