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
import Storage
import Synchronization

/// Every part of a running portal, put together: the one place that knows them all.
final class Portal: Sendable {
    let books: Books
    let logger: Logger
    private let server: Server
    private let admin: Server?
    private let reconciler: Reconciler
    private let expiry: RepeatedTask
    private let retention: RetentionWatch
    private let routers: RouterWatch
    private let gardens: WalledGardenWatch
    private let schedules: ScheduleWatch
    private let notices: NoticeCourier
    private let resealing: ResealWatch
    private let clock: ClockWatch
    private let tasks = Mutex<[Task<Void, Never>]>([])

    /// How long running requests may go on after a stop was asked for.
    private static let grace: Duration = .seconds(10)

    /// Opens the books and builds the parts; nothing listens yet. Throws `ConfigurationProblems` while a stored secret
    /// opens with no configured key, unless `allowsUnreadableSecrets`.
    init(_ settings: Configuration, publicURL: PublicURL, allowsUnreadableSecrets: Bool = false) async throws {
        logger = settings.logger("portico")
        let changes = ChangeRelay()
        let books = try await Books(settings, isCreated: true) { changes.forward($0) }
        self.books = books
        try await Self.checkKeys(books.store, allowsUnreadableSecrets, logger)
        clock = ClockWatch(record: books.store, logger: settings.logger("clock"))
        resealing = ResealWatch(store: books.store, logger: settings.logger("keys"))
        let catalog = InstanceCatalog(store: books.store, direct: settings.routerPolicy.localWorkspaces)
        let reconciler = Reconciler(
            gateways: books.gateways, store: books.store, logger: settings.logger("reconciler"))
        self.reconciler = reconciler
        expiry = RepeatedTask(every: .seconds(2), logger: settings.logger("expiry")) { try await reconciler.sweep() }
        retention = RetentionWatch(
            sessions: books.store, coupons: books.store, images: books.store, audit: books.store, answers: books.store,
            days: settings.retentionDays, auditDays: settings.auditDays, clock: clock,
            logger: settings.logger("retention"))
        let gardens = WalledGardenWatch(
            planner: books.planner(publicURL.description), sites: books.store, gateways: books.gateways,
            logger: settings.logger("garden"))
        self.gardens = gardens
        routers = RouterWatch(
            sites: books.store, gateways: books.gateways, sessions: books.store, reconciler: reconciler,
            logger: settings.logger("routers"), onComparison: gardens.attend)
        schedules = ScheduleWatch(store: books.store, logger: settings.logger("schedules"))
        notices = NoticeCourier(settings, publicURL, books)
        changes.connect(
            catalog: catalog, gateways: books.gateways, reconciler: reconciler, gardens: gardens, schedules: schedules)
        let desk = SignInDesk(
            signIn: books.signIn, ledger: books.store, handovers: books.store, integrations: books.store,
            sealer: books.sealer, publicURL: publicURL)
        let assets = ThemeAssets(images: books.store, sealer: books.sealer)
        let pages = try Self.pages(settings, publicURL, assets)
        let guest = GuestPortal(
            books: GuestPortal.Books(
                instances: catalog, redemptions: books.store, sessions: books.store, resumptions: books.store),
            reconciler: reconciler, gateways: books.gateways, limits: routers, desk: desk,
            pages: pages, assets: assets,
            sealer: books.sealer,
            publicURL: publicURL, now: { Date() }, triesPerMinute: settings.triesPerMinute,
            logger: settings.logger("guest"))
        var roles = ControlAPI.Roles(
            store: books.store, gateways: books.gateways, gardens: gardens, sealer: books.sealer)
        roles.outside = Self.outsideIssuer(settings)
        roles.revocations = books.revocations
        roles.routerPolicy = settings.routerPolicy
        roles.couponPages = Self.couponPages(guest)
        roles.examiner = PortalDoor(settings, publicURL: publicURL).map { books.doctor($0, settings.routerPolicy) }
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
        admin = settings.admin.map { Self.admin($0, books: books, portal: server, logger: settings.logger("admin")) }
    }

    /// Binds the listeners and starts the background tasks. Returns the portal's own addresses.
    func start() throws -> [SocketAddress] {
        let addresses = try server.start()
        if let admin { _ = try admin.start() }
        let watches: [@Sendable () async -> Void] = [
            reconciler.run, gardens.run, notices.run, resealing.run, retention.run,
        ]
        // These end sessions and make coupons by the clock, which cannot be undone.
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

    /// Reads certificate and key again.
    func reload() {
        logger.info("reading certificates again (SIGHUP)")
        server.reloadCertificates()
    }

    /// Finishes running requests, then stops. `signal` is why, for the log. The database is one complete file then.
    func stop(at signal: String) async {
        logger.info("stopping (\(signal)), \(server.statistics.open) connections open")
        await server.shutdown(grace: Self.grace)
        await admin?.shutdown(grace: .seconds(1))
        let running = tasks.withLock { $0 }
        for task in running { task.cancel() }
        for task in running { await task.value }
        do { try books.store.close() } catch {
            logger.error(
                "the database is not closed as it should be; copy its -wal file along", metadata: ["error": "\(error)"])
        }
        logger.info("stopped")
    }

    private static func checkKeys(_ store: Store, _ allowsUnreadable: Bool, _ logger: Logger) async throws {
        let now = Date()
        guard let problem = KeyReport(census: try await store.secretCensus(now: now)).problem else { return }
        guard allowsUnreadable else { throw ConfigurationProblems(lines: [problem]) }
        _ = try await store.dropUnreadableAnswers()
        if let rest = KeyReport(census: try await store.secretCensus(now: now)).problem { logger.error("\(rest)") }
    }

    private static func outsideIssuer(_ settings: Configuration) -> OutsideIssuer? {
        settings.outsideIssuer.map {
            OutsideIssuer(
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

    private static func renderer(_ directories: [String]) throws -> PageRenderer {
        do { return try PageRenderer(directories: directories) } catch let error as PageFileError {
            let setting = Setting.templatesDirectory
            throw ConfigurationProblems(lines: ["\(setting.rawValue) (\(setting.environmentName)): \(error)"])
        }
    }

    /// Hundreds of QR codes take a moment: they are drawn where no guest waits.
    private static func couponPages(_ guest: GuestPortal) -> CouponPages {
        CouponPages(
            sheet: { sheet in
                await Task(executorPreference: globalConcurrentExecutor) { guest.couponSheet(sheet) }.value
            },
            refusal: { guest.couponSheetRefusal($0, to: $1) })
    }

    private static func listeners(_ settings: Configuration) throws -> Server.Configuration {
        var listeners = settings.http.map { [Server.Listener(address: $0)] } ?? []
        if let https = settings.https, let certificate = settings.certificate, let key = settings.key {
            let tls = Server.TLSConfiguration(certificateFile: certificate, keyFile: key)
            listeners.append(Server.Listener(address: https, tls: tls))
        }
        return Server.Configuration(
            listeners: listeners, loops: settings.workers, limits: settings.limits,
            trustedProxies: settings.trustedProxies, proxyProtocol: settings.proxyProtocol)
    }

    private static func admin(_ address: SocketAddress, books: Books, portal: Server, logger: Logger) -> Server {
        Server(
            configuration: Server.Configuration(listeners: [Server.Listener(address: address)], loops: 1),
            responder: AdminResponder(readiness: Readiness(store: books.store, logger: logger), portal: portal),
            logger: logger)
    }
}

/// Carries what the store changed to those who keep it in memory. Connected after the parts are made,
/// since the store is made first.
final class ChangeRelay: Sendable {
    private let receiver = Mutex<(@Sendable (StoreChange) -> Void)?>(nil)

    func connect(
        catalog: InstanceCatalog, gateways: SiteGateways, reconciler: Reconciler, gardens: WalledGardenWatch,
        schedules: ScheduleWatch
    ) {
        receiver.withLock {
            $0 = { change in
                switch change {
                case .instance(let id): catalog.forget(id)
                case .site(let id):
                    gateways.forget(id)
                    gardens.attendRouter(of: id)
                case .integration: break
                case .garden(let sites): sites.forEach(gardens.attend)
                case .schedule: schedules.wake()
                case .pending(let devices): reconciler.enqueue(devices)
                }
            }
        }
    }

    func forward(_ change: StoreChange) { receiver.withLock { $0 }?(change) }
}
