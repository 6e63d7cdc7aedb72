import Captive
import Foundation
import Logging
import Synchronization
import Testing

@testable import Notifications
@testable import Storage

@Suite struct NotificationSenderTests {
    private static let down = DeliveryFailure("The webhook returned 500.")

    @Test func `each target is notified once, and a failed one is retried alone`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        fixture.webhooks.refuse(Self.down, times: 1)
        try await fixture.work { $0.count == 3 }
        #expect(try await fixture.states()[.webhook]?.status == .retrying)
        #expect(try await fixture.states()[.webhook]?.reason == "The webhook returned 500.")
        #expect(try await fixture.states().filter { $0.value.status == .delivered }.count == 2)
        fixture.advance(3)
        try await fixture.work { _ in true }
        #expect(fixture.webhooks.sent.count == 1)
        fixture.advance(60)
        try await fixture.work { $0[.webhook]?.status == .delivered }
        #expect(fixture.mails.sent.count == 2 && fixture.webhooks.sent.count == 2)
        #expect(Set(fixture.webhooks.sent.map(\.id)).count == 1)
    }

    @Test func `a final failure is not retried`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        fixture.webhooks.refuse(DeliveryFailure("The webhook returned 410 Gone.", isFinal: true), times: 9)
        try await fixture.work { $0.count == 3 }
        #expect(try await fixture.states()[.webhook]?.status == .failed)
        fixture.advance(86_400)
        try await fixture.work { _ in true }
        #expect(fixture.webhooks.sent.count == 1)
    }

    @Test func `a failing receiver is retried until the coupons expire`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        fixture.webhooks.refuse(Self.down, times: 1_000)
        for hour in 0..<9 {
            if hour > 0 { #expect(try await fixture.states()[.webhook]?.status == .retrying) }
            try await fixture.work { _ in fixture.webhooks.sent.count == hour + 1 && fixture.log.failures == hour + 1 }
            fixture.advance(3_600)
        }
        #expect(try await fixture.states()[.webhook]?.status == .failed)
        #expect(fixture.mails.sent.count == 2)
    }

    @Test func `without a mail server mails are retried, with a reason`() async throws {
        let fixture = try await OutboxFixture(hasMail: false)
        try await fixture.enqueue()
        try await fixture.work { $0.count == 3 }
        let mails = try await fixture.states().filter { $0.key != .webhook }
        #expect(mails.count == 2 && mails.allSatisfy { $0.value.status == .retrying })
        #expect(mails.values.first?.reason == "No mail server is configured (smtp.url, smtp.from).")
    }

    @Test func `a stopping portal returns unsent deliveries`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        fixture.webhooks.hang()
        try await fixture.work { _ in fixture.webhooks.sent.count == 1 && fixture.mails.sent.count == 2 }
        fixture.webhooks.resume()
        try await fixture.work { $0[.webhook]?.status == .delivered }
        #expect(fixture.webhooks.sent.count == 2 && fixture.mails.sent.count == 2)
    }

    @Test func `slow receivers of a workspace do not delay others`() async throws {
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
        try await fixture.work { _ in fixture.webhooks.sent.count == 4 }
        try await fixture.enqueue()
        try await fixture.work { $0.count == 3 && $0.values.allSatisfy { $0.status == .delivered } }
    }

    @Test func `a notification of a deleted instance fails`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        #expect(try await fixture.store.deleteInstance(fixture.instance.id, in: .default))
        try await fixture.work { $0.count == 3 }
        #expect(fixture.webhooks.sent.isEmpty && fixture.mails.sent.isEmpty)
        #expect(try await fixture.states().values.allSatisfy { $0.status == .failed })
    }

    @Test func `neither addresses nor links are logged`() async throws {
        let fixture = try await OutboxFixture()
        try await fixture.enqueue()
        fixture.webhooks.refuse(Self.down, times: 1)
        try await fixture.work { $0.count == 3 }
        let lines = fixture.log.lines
        #expect(
            lines.contains { $0.contains("notification delivered") } && lines.contains { $0.contains("returned 500") })
        #expect(!lines.contains { $0.contains("example.org") || $0.contains("hooks") || $0.contains("signature") })
    }
}

/// A sender with a real outbox and configurable channels.
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

    /// Runs the sender until `isDone` returns true for the group's delivery states, for at least two polls of the
    /// outbox.
    func work(until isDone: ([NotificationDelivery.Target: DeliveryState]) -> Bool) async throws {
        let (rounds, round) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let sender = NotificationSender(
            store: store, mail: hasMail ? mails : nil, webhooks: webhooks,
            logger: Logger(label: "notifications") { [log] _ in log }, now: { self.time.withLock(\.self) },
            sleep: { _ in
                round.yield()
                try await Task.sleep(for: .milliseconds(1))
            })
        let task = Task { await sender.run() }
        var count = 0
        for await _ in rounds {
            count += 1
            if count > 2, try await isDone(states()) { break }
        }
        task.cancel()
        await task.value
    }
}

/// A channel that records deliveries.
private final class FakeChannel: NotificationChannel {
    private struct State {
        var sent: [NotificationDelivery] = []
        var failure: DeliveryFailure?
        var failures = 0
        var hangs: @Sendable (NotificationDelivery) -> Bool = { _ in false }
    }

    private let state = Mutex(State())

    var sent: [NotificationDelivery] { state.withLock { $0.sent } }

    func refuse(_ failure: DeliveryFailure, times: Int) {
        state.withLock { ($0.failure, $0.failures) = (failure, times) }
    }
    func hang(where matches: @escaping @Sendable (NotificationDelivery) -> Bool = { _ in true }) {
        state.withLock { $0.hangs = matches }
    }
    func resume() { state.withLock { $0.hangs = { _ in false } } }

    func deliver(_ delivery: NotificationDelivery, _ context: NotificationContext) async throws(DeliveryFailure) {
        let (failure, hangs) = state.withLock { state in
            state.sent.append(delivery)
            state.failures -= 1
            return (state.failures >= 0 ? state.failure : nil, state.hangs(delivery))
        }
        if hangs {
            try? await Task.sleep(for: .seconds(3_600))
            throw DeliveryFailure("The call was cancelled.")
        }
        if let failure { throw failure }
    }
}

/// Records log lines.
private final class LogLines: LogHandler, Sendable {
    private let recorded = Mutex<[String]>([])

    var lines: [String] { recorded.withLock { $0 } }
    var failures: Int { lines.count { $0.contains("will retry") || $0.contains("notification failed") } }
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
