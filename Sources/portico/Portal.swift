import Captive
import ControlAPI
import Doctor
import Foundation
import Gateways
import GuestPortal
import HTTPClient
import HTTPServer
import Logging
import Notifications
import OAuth
import Pages
import Storage
import Synchronization

/// A running portal: creates and connects all parts.
final class Portal: Sendable {
    let services: Services
    let logger: Logger
    private let server: Server
    private let admin: Server?
    private let reconciler: Reconciler
    private let expiry: RepeatedTask
    private let retention: RetentionWatch
    private let routers: RouterWatch
    private let gardens: WalledGardenWatch
    private let schedules: ScheduleWatch
    private let notifications: NotificationSender
    private let resealing: ResealWatch
    private let clock: ClockWatch
    private let tasks = Mutex<[Task<Void, Never>]>([])

    /// The time for running requests to finish after a stop signal.
    private static let grace: Duration = .seconds(10)

    /// Opens the database and creates the parts; nothing listens yet. Throws `ConfigurationProblems` if no configured
    /// key opens a stored secret, unless `allowsUnreadableSecrets`.
    init(_ settings: Configuration, publicURL: PublicURL, allowsUnreadableSecrets: Bool = false) async throws {
        logger = settings.logger("portico")
        let changes = ChangeRelay()
        let services = try await Services(settings, .migrate) { changes.forward($0) }
        self.services = services
        try await Self.checkKeys(services.store, allowsUnreadableSecrets, logger)
        clock = ClockWatch(store: services.store, logger: settings.logger("clock"))
        resealing = ResealWatch(store: services.store, logger: settings.logger("keys"))
        let catalog = InstanceCatalog(store: services.store, direct: settings.routerPolicy.localWorkspaces)
        let reconciler = Reconciler(
            gateways: services.gateways, store: services.store, logger: settings.logger("reconciler"))
        self.reconciler = reconciler
        expiry = RepeatedTask("end expired sessions", every: .seconds(2), logger: settings.logger("expiry")) {
            try await reconciler.sweep()
        }
        retention = RetentionWatch(
            store: services.store, days: settings.retentionDays, auditDays: settings.auditDays, clock: clock,
            logger: settings.logger("retention"))
        let gardens = WalledGardenWatch(
            planner: services.planner(publicURL.description), sites: services.store, gateways: services.gateways,
            logger: settings.logger("garden"))
        self.gardens = gardens
        routers = RouterWatch(
            sites: services.store, gateways: services.gateways, sessions: services.store, reconciler: reconciler,
            logger: settings.logger("routers"), onComparison: gardens.enqueue)
        schedules = ScheduleWatch(store: services.store, logger: settings.logger("schedules"))
        notifications = NotificationSender(settings, publicURL, services)
        changes.connect(
            catalog: catalog, gateways: services.gateways, reconciler: reconciler, gardens: gardens,
            schedules: schedules)
        let signIns = SignInServices(signIn: services.signIn, sealer: services.sealer, publicURL: publicURL)
        let assets = ThemeAssets(images: services.store, sealer: services.sealer)
        let pages = try Self.pages(settings, publicURL, assets)
        let guest = GuestPortal(
            store: services.store, instances: catalog, reconciler: reconciler, gateways: services.gateways,
            limits: routers, signIns: signIns, pages: pages, assets: assets, sealer: services.sealer,
            publicURL: publicURL, now: { Date() }, triesPerMinute: settings.triesPerMinute,
            logger: settings.logger("guest"))
        var roles = ControlAPI.Roles(
            store: services.store, gateways: services.gateways, gardens: gardens, sealer: services.sealer)
        roles.externalIssuer = Self.externalIssuer(settings)
        roles.revocations = services.revocations
        roles.routerPolicy = settings.routerPolicy
        roles.couponPages = Self.couponPages(guest)
        roles.examiner = PortalEndpoints(settings, publicURL: publicURL).map {
            services.doctor($0, settings.routerPolicy)
        }
        let control = ControlAPI(
            roles, publicURL: publicURL.description, bodyLimit: settings.jsonBody,
            allowsPrivateWebhooks: settings.allowsPrivateWebhooks, version: Version.text,
            logger: settings.logger("api"), docs: pages.reference)
        let responder = PortalResponder(
            router: HTTPServer.Router(guest.routes + control.routes), guest: guest, control: control,
            files: StaticFiles(directories: settings.assets), isSecured: settings.endsTLS)
        Server.raiseFileLimit()
        let server = Server(
            configuration: try Self.listeners(settings), responder: responder, logger: settings.logger("http"))
        self.server = server
        admin = settings.admin.map {
            Self.admin($0, services: services, portal: server, logger: settings.logger("admin"))
        }
    }

    /// Binds the listeners and starts the background jobs. Returns the portal's addresses.
    func start() throws -> [SocketAddress] {
        let addresses = try server.start()
        if let admin { _ = try admin.start() }
        let watches: [@Sendable () async -> Void] = [
            reconciler.run, gardens.run, notifications.run, resealing.run, retention.run,
        ]
        // These wait for a trusted clock, because ending sessions and creating coupons cannot be undone.
        let timed: [@Sendable () async -> Void] = [expiry.run, routers.run, schedules.run]
        let settled = Task { await clock.settle() }
        tasks.withLock {
            $0 = [settled] + watches.map { watch in Task { await watch() } }
            $0 += timed.map { watch in
                Task {
                    await settled.value
                    await watch()
                }
            }
        }
        return addresses
    }

    /// Reloads the certificates and keys.
    func reload() {
        logger.info("reloading certificates (SIGHUP)")
        server.reloadCertificates()
    }

    /// Finishes running requests and stops. `signal` is the reason for the log. Returns whether the database is a
    /// single complete file; it is not if another process is reading it.
    func stop(at signal: String) async -> Bool {
        logger.info("stopping (\(signal)), \(server.statistics.open) connections open")
        await server.shutdown(grace: Self.grace)
        await admin?.shutdown(grace: .seconds(1))
        let running = tasks.withLock { $0 }
        for task in running { task.cancel() }
        for task in running { await task.value }
        do { try services.store.close() } catch {
            logger.error(
                "stopped, but the database is not complete without its -wal file; see docs/backup.md",
                metadata: ["error": "\(error)"])
            return false
        }
        logger.info("stopped")
        return true
    }

    private static func checkKeys(_ store: Store, _ allowsUnreadable: Bool, _ logger: Logger) async throws {
        let now = Date()
        guard let problem = KeyReport(usage: try await store.secretKeyUsage(now: now)).problem else { return }
        guard allowsUnreadable else { throw ConfigurationProblems(lines: [problem]) }
        _ = try await store.dropUnreadableAnswers()
        if let rest = KeyReport(usage: try await store.secretKeyUsage(now: now)).problem { logger.error("\(rest)") }
    }

    private static func externalIssuer(_ settings: Configuration) -> ExternalIssuer? {
        settings.outsideIssuer.map {
            ExternalIssuer(
                issuer: $0.issuer, audience: $0.audience,
                source: PublishedKeySet(url: $0.keySetURL, client: HTTPClient()))
        }
    }

    private static func pages(
        _ settings: Configuration, _ publicURL: PublicURL, _ assets: ThemeAssets
    ) throws -> GuestPages {
        GuestPages(
            renderer: try renderer(settings.templates),
            headers: PageHeaders(
                formOrigins: SignIn.formOrigins(settings.oauth), isSecure: publicURL.isSecure),
            image: assets.address)
    }

    /// Throws `ConfigurationProblems` if a template cannot be used.
    static func renderer(_ directories: [String]) throws -> PageRenderer {
        do { return try PageRenderer(directories: directories) } catch let error as PageFileError {
            let setting = Setting.templatesDirectory
            throw ConfigurationProblems(lines: ["\(setting.rawValue) (\(setting.environmentName)): \(error)"])
        }
    }

    /// Renders coupon pages on the global executor, because hundreds of QR codes would delay an event loop.
    private static func couponPages(_ guest: GuestPortal) -> CouponPages {
        CouponPages(
            sheet: { sheet in
                await Task(executorPreference: globalConcurrentExecutor) { guest.couponSheet(sheet) }.value
            },
            failure: { guest.couponSheetRefusal($0, to: $1) })
    }

    private static func listeners(_ settings: Configuration) throws -> Server.Configuration {
        var listeners = settings.http.map { [Server.Listener(address: $0)] } ?? []
        if let https = settings.https, let tls = settings.tls {
            listeners.append(Server.Listener(address: https, tls: tls))
        }
        var configuration = Server.Configuration(
            listeners: listeners, loops: settings.workers, limits: settings.limits,
            trustedProxies: settings.trustedProxies, proxyProtocol: settings.proxyProtocol)
        // For the admin listener, the database, routers and identity providers.
        configuration.reservedDescriptors = 64
        return configuration
    }

    private static func admin(_ address: SocketAddress, services: Services, portal: Server, logger: Logger) -> Server {
        var configuration = Server.Configuration(listeners: [Server.Listener(address: address)], loops: 1)
        configuration.limits.connections = 32
        return Server(
            configuration: configuration,
            responder: AdminResponder(readiness: Readiness(store: services.store, logger: logger), portal: portal),
            logger: logger)
    }
}

/// Forwards changes in the store to the parts that cache or process them. Connected after the parts are created,
/// because the store is created first.
final class ChangeRelay: Sendable {
    private let receiver = Mutex<(@Sendable (StoreChange) -> Void)?>(nil)

    func connect(
        catalog: InstanceCatalog, gateways: SiteGateways, reconciler: Reconciler, gardens: WalledGardenWatch,
        schedules: ScheduleWatch
    ) {
        receiver.withLock {
            $0 = { change in
                switch change {
                case .instance(let id): catalog.evict(id)
                case .site(let id):
                    gateways.evict(id)
                    gardens.enqueueNewRouter(of: id)
                case .integration: break
                case .garden(let sites): sites.forEach(gardens.enqueue)
                case .schedule: schedules.wake()
                case .pending(let devices): reconciler.enqueue(devices)
                }
            }
        }
    }

    func forward(_ change: StoreChange) { receiver.withLock { $0 }?(change) }
}
