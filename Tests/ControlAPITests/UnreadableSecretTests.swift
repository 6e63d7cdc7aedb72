import Captive
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

/// Stored secrets that cannot be opened with any configured key.
@Suite struct UnreadableSecretTests {
    private static let other = "/captive/sites/b1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6"

    /// Replaces all secrets in the column by one that is sealed with another key.
    private func seal(_ table: String, _ column: String, _ api: APIFixture) async throws {
        let otherSealer = try #require(Sealer(keys: [[UInt8](repeating: 9, count: 32)]))
        let sealed = otherSealer.seal(Array("old".utf8), for: "anything")
        _ = try await api.database.write {
            try $0.execute("UPDATE \(table) SET \(column) = ?1 WHERE \(column) IS NOT NULL", [.blob(sealed)])
        }
    }

    @Test func `a site is listed and read, and its password can be set again`() async throws {
        let api = try await APIFixture()
        _ = try await api.send(.put, SiteTests.target, SiteTests.body())
        try await seal("sites", "password", api)
        #expect(try await api.send(.put, Self.other, SiteTests.body()).status == 202)
        #expect(try await api.send(.get, "/captive/sites").rows.count == 2)
        #expect(try await api.send(.get, SiteTests.target).text("router.username") == "portico")
        #expect(try await api.send(.put, SiteTests.target, #"{"name":"Harbour"}"#).status == 202)
        let id = try #require(UUID(uuidString: SiteTests.id))
        #expect(try await api.store.site(id)?.router?.password?.revealed == nil)
        #expect(try await api.send(.put, SiteTests.target, SiteTests.body()).status == 202)
        #expect(try await api.store.site(id)?.router?.password?.revealed == "hunter-2-two")
    }

    @Test func `an integration is listed and read, and its secret can be set again`() async throws {
        let api = try await APIFixture()
        let made = try await api.send(.post, "/captive/auth-integrations", AuthIntegrationTests.github)
        try await seal("integrations", "client_secret", api)
        let target = "/captive/auth-integrations/\(made.text("id"))"
        #expect(try await api.send(.get, "/captive/auth-integrations").rows.count == 1)
        #expect(try await api.send(.get, target).text("name") == "GitHub")
        #expect(try await api.send(.put, target, AuthIntegrationTests.github).status == 202)
        let id = try #require(UUID(uuidString: made.text("id")))
        #expect(try await api.store.integration(id)?.clientSecret.revealed == "s3cret-value")
        try await seal("integrations", "client_secret", api)
        #expect(try await api.send(.delete, target).status == 204)
    }

    @Test func `a notification group is listed and read, and its secret can be set again`() async throws {
        let api = try await APIFixture()
        let path = "/captive/notification-groups"
        let body = #"{"name":"Desk","emails":[],"webhook_url":"https://hooks.example/1"}"#
        let made = try await api.send(.post, path, body)
        try await seal("notification_groups", "webhook_secret", api)
        let target = "\(path)/\(made.text("id"))"
        #expect(try await api.send(.get, path).rows.count == 1)
        #expect(try await api.send(.get, target).text("webhook_url") == "https://hooks.example/1")
        #expect(try await api.send(.put, target, #"{"webhook_secret":"0123456789abcdef"}"#).status == 202)
        let id = try #require(NotificationGroup.ID(made.text("id")))
        let group = try await api.store.notificationGroup(id, in: .default)
        #expect(group?.webhook?.secret.revealed == "0123456789abcdef")
    }
}
