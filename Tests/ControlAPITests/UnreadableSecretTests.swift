import Captive
import Foundation
import HTTPServer
import Storage
import Testing

@testable import ControlAPI

/// What an admin can do while a stored secret opens with no configured key.
@Suite struct UnreadableSecretTests {
    private static let other = "/captive/sites/b1b2c3d4-e5f6-a7b8-c9d0-e1f2a3b4c5d6"

    /// Puts a secret that another key has sealed in the place of every stored one in the column.
    private func seal(_ table: String, _ column: String, _ desk: Desk) async throws {
        let stranger = try #require(Sealer(keys: [[UInt8](repeating: 9, count: 32)]))
        let sealed = stranger.seal(Array("old".utf8), for: "anything")
        _ = try await desk.database.write {
            try $0.execute("UPDATE \(table) SET \(column) = ?1 WHERE \(column) IS NOT NULL", [.blob(sealed)])
        }
    }

    @Test func `a site is listed and read, and its password can be set again`() async throws {
        let desk = try await Desk()
        _ = try await desk.send(.put, SiteTests.target, SiteTests.body())
        try await seal("sites", "password", desk)
        #expect(try await desk.send(.put, Self.other, SiteTests.body()).status == 202)
        #expect(try await desk.send(.get, "/captive/sites").rows.count == 2)
        #expect(try await desk.send(.get, SiteTests.target).text("router.username") == "portico")
        #expect(try await desk.send(.put, SiteTests.target, #"{"name":"Harbour"}"#).status == 202)
        let id = try #require(UUID(uuidString: SiteTests.id))
        #expect(try await desk.store.site(id)?.router?.password?.revealed == nil)
        #expect(try await desk.send(.put, SiteTests.target, SiteTests.body()).status == 202)
        #expect(try await desk.store.site(id)?.router?.password?.revealed == "hunter-2-two")
    }

    @Test func `an integration is listed and read, and its secret can be set again`() async throws {
        let desk = try await Desk()
        let made = try await desk.send(.post, "/captive/auth-integrations", AuthIntegrationTests.github)
        try await seal("integrations", "client_secret", desk)
        let target = "/captive/auth-integrations/\(made.text("id"))"
        #expect(try await desk.send(.get, "/captive/auth-integrations").rows.count == 1)
        #expect(try await desk.send(.get, target).text("name") == "GitHub")
        #expect(try await desk.send(.put, target, AuthIntegrationTests.github).status == 202)
        let id = try #require(UUID(uuidString: made.text("id")))
        #expect(try await desk.store.integration(id)?.clientSecret.revealed == "s3cret-value")
        try await seal("integrations", "client_secret", desk)
        #expect(try await desk.send(.delete, target).status == 204)
    }

    @Test func `a notification group is listed and read, and its secret can be set again`() async throws {
        let desk = try await Desk()
        let path = "/captive/notification-groups"
        let body = #"{"name":"Desk","emails":[],"webhook_url":"https://hooks.example/1"}"#
        let made = try await desk.send(.post, path, body)
        try await seal("notification_groups", "webhook_secret", desk)
        let target = "\(path)/\(made.text("id"))"
        #expect(try await desk.send(.get, path).rows.count == 1)
        #expect(try await desk.send(.get, target).text("webhook_url") == "https://hooks.example/1")
        #expect(try await desk.send(.put, target, #"{"webhook_secret":"0123456789abcdef"}"#).status == 202)
        let id = try #require(NotificationGroup.ID(made.text("id")))
        let group = try await desk.store.notificationGroup(id, in: .default)
        #expect(group?.webhook?.secret.revealed == "0123456789abcdef")
    }
}
