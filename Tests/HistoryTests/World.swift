import Captive
import Crypto
import Foundation
import GatewaySimulator
import GuestPortal
import HTTPClient
import HTTPServer
import Logging
import NetworkAddress
import OAuth
import Pages
import Storage
import Synchronization
import Testing

@testable import Gateways

/// A portal with its database, its reconciler and a simulated router, driven step by step by its own clock.
final class World: GatewayDirectory, GuestLimits, AccessReconciler {
    let clock = VirtualClock()
    let router: SimulatedRouter
    let store: Store
    let instance: Instance
    let siteID = UUID()
    private let gateway: RouterOSGateway
    private let portal = Mutex<GuestPortal?>(nil)
    private let reconciler: Mutex<(reconciler: Reconciler, run: Task<Void, Never>)?>
    private let marks: MarkRelay
    private let crash = CrashPoint()
    private let folder: URL

    static let ttl = 3_600
    private static let http = HTTPClient()
    private static let logger = Logger(label: "history") { _ in SwiftLogNoOpLogHandler() }
    private static let templates =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path() + "Templates"
    private static let renderer = Result { try PageRenderer(directories: [templates]) }

    init() async throws {
        // Uses memory if available: the disk is not under test.
        let memory = URL(filePath: "/dev/shm")
        let isMemory = FileManager.default.isWritableFile(atPath: memory.path())
        folder = (isMemory ? memory : FileManager.default.temporaryDirectory).appending(path: "portico-" + UUID().text)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        router = try SimulatedRouter(
            listen: try #require(SocketAddress("127.0.0.1:0")), account: DirectRouter.account, logger: Self.logger,
            now: clock.now)
        let commands = DirectRouter(router: router, crash: crash)
        gateway = RouterOSGateway(commands, requests: commands)
        let sealer = try #require(Sealer(keys: [Array(repeating: 7, count: 32)]))
        marks = MarkRelay()
        store = Store(
            try SQLiteDatabase(path: folder.appending(path: "portico.db").path()), sealer: sealer,
            onChange: marks.forward)
        reconciler = Mutex(nil)
        let now = clock.now()
        instance = Instance(
            id: UUID(), workspace: .default, name: "Lobby", strategy: .coupon, sessionTTL: Self.ttl,
            sites: [.init(siteID: siteID, subnets: [try #require(Subnet("10.5.50.0/24"))])], createdAt: now)
        _ = try await store.migrate(now: now)
        try await store.create(instance)
        let settings = RouterSettings(
            driver: .routerosREST, url: "http://192.0.2.1", username: "portico", password: Secret("router-password"))
        _ = try await store.upsertSite(siteID, in: .default, now: now) { $0.router = settings }
        let made = try makePortal(sealer)
        portal.withLock { $0 = made }
        marks.connect { [weak self] in self?.enqueue($0) }
        start()
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func makePortal(_ sealer: Sealer) throws -> GuestPortal {
        let publicURL = try #require(PublicURL("http://portal.test"))
        let assets = ThemeAssets(images: store, sealer: sealer)
        let signIns = SignInServices(
            signIn: SignIn(settings: OAuthSettings(), client: Self.http, now: clock.now, logger: Self.logger),
            sealer: sealer, publicURL: publicURL)
        return GuestPortal(
            store: store, instances: InstanceCatalog(store: store), reconciler: self, gateways: self, limits: self,
            signIns: signIns,
            pages: GuestPages(renderer: try Self.renderer.get(), headers: PageHeaders(), image: assets.address),
            assets: assets, sealer: sealer, publicURL: publicURL, now: clock.now, triesPerMinute: 10_000,
            logger: Self.logger)
    }

    /// Stops the portal's parts and the watch; call it once, at the end.
    func close() async throws {
        await stop()
        portal.withLock { $0 = nil }
        try store.close()
    }

    /// A request that is not answered.
    struct Stuck: Error {}

    /// Upper bound of a wait, long enough for a busy machine.
    private static let patience: Duration = .seconds(120)

    // MARK: The router and the reconciler

    func gateway(for siteID: UUID) async throws -> (any Gateway)? { gateway }
    func bytesLeft(of client: GatewayClient, at siteID: UUID) -> Int? { nil }
    private func enqueue(_ devices: [SiteDevice]) { if !crash.isPassed { current?.enqueue(devices) } }

    func wait(for device: SiteDevice, atMost limit: Duration) async -> Bool {
        await current?.wait(for: device, atMost: limit) ?? false
    }

    private var current: Reconciler? { reconciler.withLock { $0?.reconciler } }

    private func start() {
        let made = Reconciler(
            gateways: self, store: store, logger: Self.logger, now: clock.now, sleep: clock.sleep)
        reconciler.withLock { $0 = (made, Task { await made.run() }) }
    }

    private func stop() async {
        let run = reconciler.withLock { $0?.run }
        run?.cancel()
        await run?.value
    }

    /// Kills the process and starts it again: all state in memory is lost.
    func kill() async {
        await stop()
        start()
        await settle()
    }

    /// Runs `work`, and kills the process after that many commands to the router, before it reads the last answer.
    /// Requests that wait for the router then get no answer. Starts the process again.
    func kill(after commands: Int, of work: () async throws -> Void) async throws {
        crash.set(after: commands)
        try await work()
        let wasReached = crash.isPassed
        crash.set(after: nil)
        if wasReached { await kill() }
    }

    /// Compares the router with the database, as the router watch does every few minutes.
    func watch() async {
        guard let reconciler = current else { return }
        let watch = RouterWatch(
            sites: store, gateways: self, sessions: store, reconciler: reconciler, logger: Self.logger, now: clock.now,
            sleep: { _ in throw CancellationError() })
        await watch.run()
        await settle()
    }

    // MARK: Time

    /// Works until nothing can continue without time passing.
    func settle() async {
        var (quiet, turn) = (0, 0)
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            turn += 1
            if quiet >= 20 { return }
            await Task.yield()
            if crash.isPassed {
                reconciler.withLock { $0?.run.cancel() }
                quiet += 1
                continue
            }
            quiet = current?.isIdle ?? true ? quiet + 1 : 0
            // A task that computed its wait before the clock moved, and began it afterwards, sleeps longer than
            // intended.
            if turn % 2_000 == 0 { clock.wakeFirst() }
        }
        Issue.record("the reconciler does not come to rest")
    }

    /// Lets time pass, with all work that is due in it.
    func pass(_ seconds: TimeInterval) async throws {
        let end = clock.now().addingTimeInterval(seconds)
        while clock.wakeNext(before: end) { await settle() }
        try await current?.sweep()
        await settle()
    }

    /// Runs `work`; while it waits for the router, time passes.
    func during<T: Sendable>(_ work: @Sendable @escaping () async throws -> T) async throws -> T {
        let isDone = Mutex(false)
        let task = Task {
            defer { isDone.withLock { $0 = true } }
            return try await work()
        }
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            if isDone.withLock(\.self) { return try await task.value }
            await settle()
            if !isDone.withLock(\.self) { clock.wakeFirst() }
        }
        task.cancel()
        throw Stuck()
    }

    // MARK: Requests

    /// Returns the portal's response to a request.
    func answer(_ request: Request) async throws -> Response {
        guard let portal = portal.withLock({ $0 }) else { throw CancellationError() }
        let match = Router(portal.routes).match(request.method, request.path)
        guard case .found(let route, _) = match else { return portal.notFound(request) }
        var request = request
        request.match = match
        return try await during { [request] in try await route.handler(request) }
    }

    func coupon() async throws -> Coupon {
        let made = try await store.createCoupons(
            1, for: instance.id, scheduleID: nil, expiresAt: clock.now().addingTimeInterval(30 * 86_400),
            now: clock.now()
        ) {
            var generator = SystemRandomNumberGenerator()
            return CouponCode.random(using: &generator)
        }
        return try #require(made.first)
    }
}

/// Forwards the devices that the store has marked to the reconciler, which is created after the store.
private final class MarkRelay: Sendable {
    private let receiver = Mutex<(@Sendable ([SiteDevice]) -> Void)?>(nil)

    func connect(_ receive: @escaping @Sendable ([SiteDevice]) -> Void) { receiver.withLock { $0 = receive } }

    @Sendable func forward(_ change: StoreChange) {
        if case .pending(let devices) = change { receiver.withLock { $0 }?(devices) }
    }
}
