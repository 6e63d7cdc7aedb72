import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct APITokenStoreTests {
    @Test(arguments: StorageBackend.all)
    func `tokens are listed newest first and revoked once`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        var tokens = [0.0, 1.0].map { age in
            APIToken(
                id: UUID(), workspace: .default, scopes: [.read, .write],
                createdAt: Venue.now.addingTimeInterval(-age), expiresAt: Venue.now.addingTimeInterval(60))
        }
        for token in tokens.reversed() { try await venue.store.record(token) }
        #expect(try await venue.store.tokens() == tokens)
        #expect(try await venue.store.isGoodToken(tokens[0].id))
        #expect(try await venue.store.revokeToken(tokens[0].id, now: Venue.now))
        #expect(try await venue.store.revokeToken(tokens[0].id, now: Venue.now.addingTimeInterval(9)))
        tokens[0].revokedAt = Venue.now
        #expect(try await !venue.store.isGoodToken(tokens[0].id))
        #expect(try await venue.store.tokens() == tokens)
        #expect(try await venue.store.revokeToken(UUID(), now: Venue.now) == false)
    }
}
