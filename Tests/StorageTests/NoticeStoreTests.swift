import Captive
import Foundation
import Testing

@testable import Storage

@Suite struct NoticeStoreTests {
    static func group(
        emails: [String] = ["desk@example.org", "night@example.org"], webhook: String? = "https://hooks.example/1"
    ) throws -> NotificationGroup {
        NotificationGroup(
            workspace: .default, name: "Front desk", emails: try emails.map { try #require(EmailAddress($0)) },
            webhook: try webhook.map { .init(url: try #require(WebhookURL($0)), secret: Secret("hush")) },
            createdAt: Venue.now)
    }

    static func notification(for group: NotificationGroup) -> CouponNotification {
        CouponNotification(
            groupID: group.id, scheduleID: UUID(), scheduleName: "Daily", instanceID: UUID(), count: 20,
            expiresAt: Venue.now + 28_800, timeZone: "Australia/Sydney", createdAt: Venue.now)
    }

    static func enqueue(_ notification: CouponNotification, _ venue: Venue) async throws {
        try await venue.database.write { try venue.store.enqueue(notification, $0) }
    }

    static func claim(_ venue: Venue, at now: Date = Venue.now) async throws -> [NotificationDelivery] {
        try await venue.store.claimDeliveries(
            now: now, lease: now + 60, slots: DeliverySlots(total: 100, perWorkspace: 100))
    }

    static func state(_ status: DeliveryState.Status, _ delivery: NotificationDelivery) -> DeliveryState {
        DeliveryState(
            target: delivery.target, status: status, reason: status == .delivered ? nil : "no answer", at: Venue.now)
    }

    @Test(arguments: StorageBackend.all)
    func `a group is created, read, changed and deleted`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let group = try Self.group()
        try await venue.store.create(group)
        #expect(try await venue.store.notificationGroup(group.id, in: .default) == group)
        #expect(try await venue.store.notificationGroups(in: .default, page: ListPage()) == [group])
        let changed = try await venue.store.updateNotificationGroup(group.id, in: .default) {
            $0.name = "Desk"
            $0.emails = []
            $0.webhook?.secret = Secret("new")
        }
        #expect(try await venue.store.notificationGroup(group.id, in: .default) == changed)
        #expect(changed.name == "Desk" && changed.emails.isEmpty && changed.webhook?.secret.revealed == "new")
        #expect(try await venue.store.deleteNotificationGroup(group.id, in: .default))
        #expect(try await venue.store.notificationGroup(group.id, in: .default) == nil)
        #expect(try await !venue.store.deleteNotificationGroup(group.id, in: .default))
    }

    @Test(arguments: StorageBackend.all)
    func `another workspace sees no group and changes none`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let group = try Self.group()
        try await venue.store.create(group)
        let stranger = try #require(Workspace(rawValue: "stranger"))
        #expect(try await venue.store.notificationGroup(group.id, in: stranger) == nil)
        #expect(try await venue.store.notificationGroups(in: stranger, page: ListPage()).isEmpty)
        #expect(try await !venue.store.deleteNotificationGroup(group.id, in: stranger))
        await #expect(throws: StoreError.notFound) {
            try await venue.store.updateNotificationGroup(group.id, in: stranger) { $0.name = "Mine" }
        }
        #expect(try await venue.store.notificationGroup(group.id, in: .default) == group)
    }

    @Test(arguments: StorageBackend.all)
    func `a notification becomes a delivery for each target, and is undone with its transaction`(
        backend: StorageBackend
    ) async throws {
        let venue = try await Venue(backend)
        let group = try Self.group()
        try await venue.store.create(group)
        let notification = Self.notification(for: group)
        await #expect(throws: Venue.Unexpected.self) {
            try await venue.database.write {
                try venue.store.enqueue(notification, $0)
                throw Venue.Unexpected()
            }
        }
        #expect(try await Self.claim(venue).isEmpty)
        try await Self.enqueue(notification, venue)
        let claimed = try await Self.claim(venue)
        #expect(Set(claimed.map(\.target)) == group.targets && claimed.count == 3)
        #expect(claimed.allSatisfy { $0.notification == notification && $0.attempts == 1 })
    }

    @Test(arguments: StorageBackend.all)
    func `a notification for a deleted group is not an error`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        try await Self.enqueue(Self.notification(for: try Self.group()), venue)
        #expect(try await Self.claim(venue).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `a claimed delivery is due for another node only after the lease`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let group = try Self.group(emails: [])
        try await venue.store.create(group)
        try await Self.enqueue(Self.notification(for: group), venue)
        let first = try #require(try await Self.claim(venue).first)
        #expect(try await Self.claim(venue, at: Venue.now + 59).isEmpty)
        let second = try #require(try await Self.claim(venue, at: Venue.now + 60).first)
        #expect(second.id == first.id && second.attempts == 2)
        try await venue.store.postpone(first, until: Venue.now, Self.state(.retrying, first))
        #expect(try await Self.claim(venue, at: Venue.now + 61).isEmpty)
    }

    @Test(arguments: StorageBackend.all)
    func `two nodes that claim at the same time share the work`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let group = try Self.group()
        try await venue.store.create(group)
        for _ in 0..<10 { try await Self.enqueue(Self.notification(for: group), venue) }
        async let left = Self.claim(venue)
        async let right = Self.claim(venue)
        let ids = try await (left + right).map(\.id)
        #expect(ids.count == 30 && Set(ids).count == 30)
    }

    @Test(arguments: StorageBackend.all)
    func `a failed delivery is retried, a delivered one is not`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let group = try Self.group(emails: ["desk@example.org"])
        try await venue.store.create(group)
        try await Self.enqueue(Self.notification(for: group), venue)
        for delivery in try await Self.claim(venue) {
            if delivery.target == .webhook {
                try await venue.store.postpone(delivery, until: Venue.now + 5, Self.state(.retrying, delivery))
            } else {
                try await venue.store.finish(delivery, Self.state(.delivered, delivery))
            }
        }
        let states = try await venue.store.notificationGroup(group.id, in: .default)?.lastDeliveries ?? []
        #expect(states.map(\.status) == [.delivered, .retrying] && states.map(\.reason) == [nil, "no answer"])
        #expect(try await Self.claim(venue, at: Venue.now + 4).isEmpty)
        #expect(try await Self.claim(venue, at: Venue.now + 5).map(\.target) == [.webhook])
    }

    @Test(arguments: StorageBackend.all)
    func `a target that is removed from its group gets nothing more`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let group = try Self.group()
        try await venue.store.create(group)
        try await Self.enqueue(Self.notification(for: group), venue)
        let delivery = try #require(try await Self.claim(venue).first { $0.target == .webhook })
        try await venue.store.postpone(delivery, until: Venue.now, Self.state(.retrying, delivery))
        let changed = try await venue.store.updateNotificationGroup(group.id, in: .default) {
            $0.webhook = nil
            $0.emails.removeLast()
        }
        #expect(changed.lastDeliveries.isEmpty)
        #expect(try await Self.claim(venue, at: Venue.now + 60).map(\.target) == [.email(group.emails[0])])
    }

    @Test(arguments: StorageBackend.all)
    func `deleting a group deletes its deliveries`(backend: StorageBackend) async throws {
        let venue = try await Venue(backend)
        let group = try Self.group()
        try await venue.store.create(group)
        try await Self.enqueue(Self.notification(for: group), venue)
        let delivery = try #require(try await Self.claim(venue).first)
        #expect(try await venue.store.deleteNotificationGroup(group.id, in: .default))
        try await venue.store.finish(delivery, Self.state(.delivered, delivery))
        #expect(try await venue.store.group(of: delivery) == nil)
        #expect(try await Self.claim(venue, at: Venue.now + 60).isEmpty)
    }
}
