import Captive
import Foundation
import Synchronization
import Testing

@testable import Storage

@Suite struct ResealingTests {
    /// A venue with one secret of every kind, sealed with key 1.
    private struct SealedVenue {
        let venue: Venue
        let integration = AuthIntegrationStoreTests.integration()
        let group: NotificationGroup
        let handover: HandoverCode
        let claim = IdempotencyKey(
            workspace: .default, key: Array(repeating: 3, count: 32), request: Array(repeating: 4, count: 32),
            now: Venue.now)

        init(_ backend: StorageBackend) async throws {
            venue = try await Venue(backend)
            group = NotificationGroup(
                workspace: .default, name: "Desk", emails: [],
                webhook: .init(
                    url: try #require(WebhookURL("https://hooks.example.org/x")), secret: Secret("webhook-secret")),
                createdAt: Venue.now)
            var generator = SystemRandomNumberGenerator()
            handover = HandoverCode.random(using: &generator)
            let store = try store(1)
            try await store.create(integration)
            try await store.create(group)
            _ = try await store.upsertSite(venue.siteID, in: .default, now: Venue.now) {
                $0.router = RouterSettings(
                    driver: .opennds, username: "portico", password: Secret("password"), fasKey: Secret("fas-key"))
            }
            try await store.keepHandover(handover, [1, 2, 3], expires: Venue.now + 600, now: Venue.now)
            try await store.keep([7, 8, 9], for: claim)
        }

        func store(_ keys: UInt8...) throws -> Store {
            try Store(venue.database, sealer: ResealingTests.sealer(keys))
        }

        /// Whether all secrets open with these keys.
        func opens(_ keys: UInt8...) async throws -> Bool {
            let store = try Store(venue.database, sealer: ResealingTests.sealer(keys))
            let site = try await store.site(venue.siteID)
            let opened = try await [
                store.integration(integration.id)?.clientSecret.revealed == integration.clientSecret.revealed,
                store.notificationGroup(group.id, in: .default)?.webhook?.secret.revealed == "webhook-secret",
                site?.router?.password?.revealed == "password", site?.router?.fasKey?.revealed == "fas-key",
                store.earlierRequest(claim) == .answered([7, 8, 9]),
                store.takeHandover(handover, now: Venue.now) == [1, 2, 3],
            ]
            return opened.allSatisfy(\.self)
        }
    }

    private static func sealer(_ keys: [UInt8]) throws -> Sealer {
        try #require(Sealer(keys: keys.map { Array(repeating: $0, count: 32) }))
    }

    /// The tables and columns that contain a value sealed by `key`.
    private static func places(of key: UInt8, _ database: any Database) async throws -> [String] {
        let prefix = try sealer([key]).keyIDs[0].prefix
        return try await database.read { connection in
            var places: [String] = []
            for case .text(let table)? in try connection.rows(
                "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name", []
            ).map(\.values.first) {
                for row in try connection.rows("SELECT name FROM pragma_table_info('\(table)')", []) {
                    guard case .text(let column)? = row.values.first else { continue }
                    let held = try connection.rows(
                        "SELECT 1 FROM \(table) WHERE SUBSTR(\(column), 1, 5) = ?1", [.blob(prefix)])
                    if !held.isEmpty { places.append("\(table).\(column)") }
                }
            }
            return places
        }
    }

    @Test(arguments: StorageBackend.all)
    func `after re-sealing everything opens with the new key alone`(backend: StorageBackend) async throws {
        let sealed = try await SealedVenue(backend)
        let both = try sealed.store(2, 1)
        #expect(try await both.secretKeyUsage(now: Venue.now).outdated.total == 6)
        #expect(try await both.resealSecrets() == 6)
        #expect(try await both.secretKeyUsage(now: Venue.now).outdated.isEmpty)
        #expect(try await Self.places(of: 1, sealed.venue.database) == [])
        #expect(try await sealed.opens(2))
        #expect(try await both.resealSecrets() == 0)
    }

    @Test func `every column with sealed values is known`() async throws {
        let sealed = try await SealedVenue(StorageBackend.all[0])
        let known = SealedColumn.all.map { "\($0.table).\($0.column)" }
        #expect(try await Self.places(of: 1, sealed.venue.database).sorted() == known.sorted())
    }

    @Test(arguments: StorageBackend.all)
    func `a value that no key opens is counted by key and table, and kept`(backend: StorageBackend) async throws {
        let sealed = try await SealedVenue(backend)
        let new = try sealed.store(2)
        let census = try await new.secretKeyUsage(now: Venue.now)
        let old = try Self.sealer([1]).keyIDs[0]
        #expect(census.unreadable.total == 6 && census.entries(of: old).total == 6)
        #expect(census.unreadable.first { $0.table == "sites" }?.count == 2)
        #expect(try await new.resealSecrets() == 0)
        #expect(try await sealed.opens(2, 1))
    }

    @Test func `expired values do not count`() async throws {
        let sealed = try await SealedVenue(StorageBackend.all[0])
        let later = Venue.now + IdempotencyKey.lifetime + 1
        let tables = try await sealed.store(2).secretKeyUsage(now: later).unreadable.map(\.table)
        #expect(Set(tables) == ["sites", "integrations", "notification_groups"])
    }

    @Test func `responses that no key opens can be deleted, and secrets are kept`() async throws {
        let sealed = try await SealedVenue(StorageBackend.all[0])
        let new = try sealed.store(2)
        #expect(try await new.dropUnreadableAnswers() == 2)
        let tables = try await new.secretKeyUsage(now: Venue.now).unreadable.map(\.table)
        #expect(Set(tables) == ["sites", "integrations", "notification_groups"])
        #expect(try await new.earlierRequest(sealed.claim) == .unanswered(since: Venue.now))
        #expect(try await sealed.store(2, 1).dropUnreadableAnswers() == 0)
    }

    @Test func `an interrupted run continues, and every batch is kept`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let old = try Store(venue.database, sealer: Self.sealer([1]))
        let integrations = (0..<25).map { AuthIntegrationStoreTests.integration(secret: "secret \($0)") }
        for integration in integrations { try await old.create(integration) }
        let failing = FailingDatabase(venue.database, writes: 2)
        let stopped = try Store(failing, sealer: Self.sealer([2, 1]))
        await #expect(throws: StorageError.full) { try await stopped.resealSecrets(batch: 10) }
        let both = try Store(venue.database, sealer: Self.sealer([2, 1]))
        #expect(try await both.secretKeyUsage(now: Venue.now).outdated.total == 5)
        #expect(try await both.resealSecrets(batch: 10) == 5)
        let new = try Store(venue.database, sealer: Self.sealer([2]))
        for integration in integrations { #expect(try await new.integration(integration.id) == integration) }
    }

    @Test func `a secret that is set while its row is re-sealed stays set`() async throws {
        let venue = try await Venue(StorageBackend.all[0])
        let integration = AuthIntegrationStoreTests.integration(secret: "before")
        try await Store(venue.database, sealer: Self.sealer([1])).create(integration)
        let both = try Store(venue.database, sealer: Self.sealer([2, 1]))
        let watched = HookedDatabase(venue.database) {
            _ = try await both.updateIntegration(integration.id, in: .default) { $0.clientSecret = Secret("after") }
        }
        #expect(try await Store(watched, sealer: Self.sealer([2, 1])).resealSecrets() == 0)
        #expect(try await both.integration(integration.id)?.clientSecret.revealed == "after")
    }

    @Test(arguments: StorageBackend.all)
    func `a secret that does not open breaks no list and can be replaced`(backend: StorageBackend) async throws {
        let sealed = try await SealedVenue(backend)
        let other = UUID()
        let new = try sealed.store(2)
        _ = try await new.upsertSite(other, in: .default, now: Venue.now) {
            $0.router = RouterSettings(driver: .opennds, fasKey: Secret("other"))
        }
        let sites = try await new.sitesWithRouter()
        #expect(Set(sites.map(\.id)) == [sealed.venue.siteID, other])
        #expect(sites.first { $0.id == other }?.router?.fasKey?.revealed == "other")
        #expect(try await new.allIntegrations().count == 1)
        #expect(try await new.notificationGroups(in: .default, page: ListPage()).count == 1)

        _ = try await new.upsertSite(sealed.venue.siteID, in: .default, now: Venue.now) {
            $0.router?.password = Secret("new password")
        }
        _ = try await new.updateIntegration(sealed.integration.id, in: .default) { $0.clientSecret = Secret("new") }
        _ = try await new.updateNotificationGroup(sealed.group.id, in: .default) {
            $0.webhook?.secret = Secret("new secret")
        }
        let router = try await new.site(sealed.venue.siteID)?.router
        #expect(router?.password?.revealed == "new password" && router?.fasKey?.revealed == nil)
        #expect(try await new.integration(sealed.integration.id)?.clientSecret.revealed == "new")
        let group = try await new.notificationGroup(sealed.group.id, in: .default)
        #expect(group?.webhook?.secret.revealed == "new secret")
        // A secret that was not replaced opens again with its key.
        #expect(try await sealed.store(2, 1).site(sealed.venue.siteID)?.router?.fasKey?.revealed == "fas-key")
    }
}

/// Permits some writes; afterwards the disk is full.
private final class FailingDatabase: Database {
    private let database: any Database
    private let left: Mutex<Int>

    init(_ database: any Database, writes: Int) {
        self.database = database
        left = Mutex(writes)
    }

    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.read(body)
    }

    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        let isLeft = left.withLock { left in
            left -= 1
            return left >= 0
        }
        guard isLeft else { throw StorageError.full }
        return try await database.write(body)
    }

    func close() throws { try database.close() }
}

/// Runs a hook between a read and the write that follows it.
private struct HookedDatabase: Database {
    let database: any Database
    let hook: @Sendable () async throws -> Void

    init(_ database: any Database, _ hook: @Sendable @escaping () async throws -> Void) {
        (self.database, self.hook) = (database, hook)
    }

    func read<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await database.read(body)
    }

    func write<T: Sendable>(_ body: @Sendable @escaping (any SQLConnection) throws -> T) async throws -> T {
        try await hook()
        return try await database.write(body)
    }

    func close() throws { try database.close() }
}
