import Captive
import Foundation
import Logging
import Synchronization
import Testing

@testable import Notifications
@testable import Storage

@Suite struct NotificationSenderTests {
    private static let down = DeliveryFailure("The webhook answered 500.")

    @Test func `each target is told once, and what failed does not repeat the others`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        fixture.webhooks.refuse(Self.down, times: 1)
        try await fixture.work { $0.count == 3 }
        #expect(try await fixture.states()[.webhook]?.status == .retrying)
        #expect(try await fixture.states()[.webhook]?.reason == "The webhook answered 500.")
        #expect(try await fixture.states().filter { $0.value.status == .delivered }.count == 2)
        fixture.advance(3)
        try await fixture.work { _ in true }
        #expect(fixture.webhooks.told.count == 1)
        fixture.advance(60)
        try await fixture.work { $0[.webhook]?.status == .delivered }
        #expect(fixture.mails.told.count == 2 && fixture.webhooks.told.count == 2)
        #expect(Set(fixture.webhooks.told.map(\.id)).count == 1)
    }

    @Test func `what is refused for good is given up at once`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        fixture.webhooks.refuse(DeliveryFailure("The webhook answered 410: it is gone for good.", isFinal: true), times: 9)
        try await fixture.work { $0.count == 3 }
        #expect(try await fixture.states()[.webhook]?.status == .failed)
        fixture.advance(86_400)
        try await fixture.work { _ in true }
        #expect(fixture.webhooks.told.count == 1)
    }

    @Test func `a receiver that stays down is given up when the coupons are over`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        fixture.webhooks.refuse(Self.down, times: 1_000)
        for hour in 0..<9 {
            if hour > 0 { #expect(try await fixture.states()[.webhook]?.status == .retrying) }
            try await fixture.work { _ in fixture.webhooks.told.count == hour + 1 && fixture.log.failures == hour + 1 }
            fixture.advance(3_600)
        }
        #expect(try await fixture.states()[.webhook]?.status == .failed)
        #expect(fixture.mails.told.count == 2)
    }

    @Test func `without a mail server the mails wait and say why`() async throws {
        let fixture = try await OutboxFixture(hasMail: false)
        try await fixture.enqueue()
        try await fixture.work { $0.count == 3 }
        let mails = try await fixture.states().filter { $0.key != .webhook }
        #expect(mails.count == 2 && mails.allSatisfy { $0.value.status == .retrying })
        #expect(mails.values.first?.reason == "No mail server is set (smtp.url, smtp.from).")
    }

    @Test func `a portal that stops gives back what it has not sent`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        fixture.webhooks.hang()
        try await fixture.work { _ in fixture.webhooks.told.count == 1 && fixture.mails.told.count == 2 }
        fixture.webhooks.goOn()
        try await fixture.work { $0[.webhook]?.status == .delivered }
        #expect(fixture.webhooks.told.count == 2 && fixture.mails.told.count == 2)
    }

    @Test func `a workspace whose receivers hang keeps no other from being told`() async throws {
        let fixture = try await OutboxFixture()
        let tenant = try #require(Workspace(rawValue: "tenant"))
        let url = try #require(WebhookURL("https://tenant.example/"))
        for _ in 0..<60 {
            let group = NotificationGroup(
                workspace: tenant, name: "Slow", emails: [], webhook: .init(url: url, secret: Secret("hush")),
                createdAt: Samples.now)
            try await fixture.store.create(group)
            try await fixture.enqueue(group)
        }
        fixture.webhooks.hang { $0.workspace == tenant }
        try await fixture.work { _ in fixture.webhooks.told.count == 4 }
        try await fixture.enqueue()
        try await fixture.work { $0.count == 3 && $0.values.allSatisfy { $0.status == .delivered } }
    }

    @Test func `a notification whose instance is gone is given up`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        #expect(try await fixture.store.deleteInstance(fixture.instance.id, in: .default))
        try await fixture.work { $0.count == 3 }
        #expect(fixture.webhooks.told.isEmpty && fixture.mails.told.isEmpty)
        #expect(try await fixture.states().values.allSatisfy { $0.status == .failed })
    }

    @Test func `neither addresses nor links are logged`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        fixture.webhooks.refuse(Self.down, times: 1)
        try await fixture.work { $0.count == 3 }
        let lines = fixture.log.lines
        #expect(lines.contains { $0.contains("notification delivered") } && lines.contains { $0.contains("answered 500") })
        #expect(!lines.contains { $0.contains("example.org") || $0.contains("hooks") || $0.contains("signature") })
    }
}

/// A courier over a real outbox, with channels that do as they are told.
private final class OutboxFixture: Sendable {
    let store: Store
    let instance: Instance
    let mails = FakeChannel()
    let webhooks = FakeChannel()
    let log = LogLines()
    private let group: NotificationGroup
    private let folder: URL
    private let hasMail: Bool
    private let time = Mutex(Samples.now)

    init(hasMail: Bool = true) async throws {
        self.hasMail = hasMail
        folder = FileManager.default.temporaryDirectory.appending(path: "notifications-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = Store(
            try SQLiteDatabase(path: folder.appending(path: "portico.db").path),
            sealer: try #require(Sealer(keys: [Array(repeating: 7, count: 32)])))
        _ = try await store.migrate(now: Samples.now)
        instance = Instance(
            id: UUID(), workspace: .default, name: "Lobby", strategy: .coupon, sessionTTL: 3_600, sites: [],
            createdAt: Samples.now)
        try await store.create(instance)
        group = NotificationGroup(
            workspace: .default, name: "Desk",
            emails: try ["a@example.org", "b@example.org"].map { try #require(EmailAddress($0)) },
            webhook: .init(url: try #require(WebhookURL("https://hooks.example/")), secret: Secret("hush")),
            createdAt: Samples.now)
        try await store.create(group)
    }

    deinit {
        try? store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    func advance(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }

    func enqueue(_ other: NotificationGroup? = nil) async throws {
        let notification = Samples.notification(other ?? group, instanceID: instance.id)
        try await store.database.write { [store] in try store.enqueue(notification, $0) }
    }

    func states() async throws -> [NotificationDelivery.Target: DeliveryState] {
        let states = try await store.notificationGroup(group.id, in: .default)?.lastDeliveries ?? []
        return Dictionary(uniqueKeysWithValues: states.map { ($0.target, $0) })
    }

    /// Lets a portal run until `isDone`, given how the group's notifications fared, and stops it. It has looked into the
    /// outbox at least twice by then.
    func work(until isDone: ([NotificationDelivery.Target: DeliveryState]) -> Bool) async throws {
        let (rounds, round) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let courier = NotificationSender(
            outbox: store, instances: store, mail: hasMail ? mails : nil, webhooks: webhooks,
            logger: Logger(label: "notifications") { [log] _ in log }, now: { self.time.withLock(\.self) },
            sleep: { _ in
                round.yield()
                try await Task.sleep(for: .milliseconds(1))
            })
        let task = Task { await courier.run() }
        var count = 0
        for await _ in rounds {
            count += 1
            if count > 2, try await isDone(states()) { break }
        }
        task.cancel()
        await task.value
    }
}

/// A channel that remembers what it was given.
private final class FakeChannel: NotificationChannel {
    private struct State {
        var told: [NotificationDelivery] = []
        var failure: DeliveryFailure?
        var failures = 0
        var hangs: @Sendable (NotificationDelivery) -> Bool = { _ in false }
    }

    private let state = Mutex(State())

    var told: [NotificationDelivery] { state.withLock { $0.told } }

    func refuse(_ failure: DeliveryFailure, times: Int) {
        state.withLock { ($0.failure, $0.failures) = (failure, times) }
    }
    func hang(where matches: @escaping @Sendable (NotificationDelivery) -> Bool = { _ in true }) {
        state.withLock { $0.hangs = matches }
    }
    func goOn() { state.withLock { $0.hangs = { _ in false } } }

    func deliver(_ delivery: NotificationDelivery, _ context: NotificationContext) async throws(DeliveryFailure) {
        let (failure, hangs) = state.withLock { state in
            state.told.append(delivery)
            state.failures -= 1
            return (state.failures >= 0 ? state.failure : nil, state.hangs(delivery))
        }
        if hangs {
            try? await Task.sleep(for: .seconds(3_600))
            throw DeliveryFailure("The call was broken off.")
        }
        if let failure { throw failure }
    }
}

/// Keeps log lines.
private final class LogLines: LogHandler, Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }
    var failures: Int { lines.count { $0.contains("trying again") || $0.contains("given up") } }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        recorded.withLock { $0.append("\(event.message) \(event.metadata ?? [:])") }
    }
}
