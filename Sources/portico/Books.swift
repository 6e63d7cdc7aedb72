import Captive
import ControlAPI
import Foundation
import Gateways
import GuestPortal
import HTTPClient
import HTTPServer
import OAuth
import Storage

/// The database and what reads it: enough for a command that serves nobody.
struct Books: Sendable {
    let sealer: Sealer
    let store: Store
    let gateways: SiteGateways
    let revocations: TokenRevocations
    let issuer: TokenIssuer
    let signIn: SignIn

    /// Opens the database, brings its schema up to date, and gets ready to reach routers. Throws `CommandFailure` for a
    /// database that does not exist, unless it `isCreated`.
    init(
        _ settings: Configuration, isCreated: Bool = false,
        onChange: @escaping @Sendable (StoreChange) -> Void = { _ in }
    ) async throws {
        sealer = settings.sealer
        store = try Self.openStore(settings, isCreated: isCreated, onChange: onChange)
        _ = try await store.migrate(now: Date())
        signIn = SignIn(
            settings: settings.oauth, client: HTTPClient(connectionsPerHost: 32), now: { Date() },
            logger: settings.logger("oauth"))
        let planner = Self.planner(settings.publicURL?.description ?? "", store, signIn)
        let context = Self.context(settings, store, planner)
        gateways = SiteGateways(
            sites: store,
            factory: GatewayFactory(
                http: HTTPClient(), policy: settings.routerPolicy, context: context))
        revocations = TokenRevocations(store: store)
        issuer = TokenIssuer(sealer: sealer, store: store)
    }

    /// Says what walled gardens should be for a portal at `origin`.
    func planner(_ origin: String) -> WalledGardenPlanner { Self.planner(origin, store, signIn) }

    private static func planner(_ origin: String, _ store: Store, _ signIn: SignIn) -> WalledGardenPlanner {
        WalledGardenPlanner(store: store, publicURL: origin) { signIn.walledGardenHosts(for: $0) }
    }

    /// What drivers of gateways have to know.
    private static func context(
        _ settings: Configuration, _ store: Store, _ planner: WalledGardenPlanner
    ) -> GatewayContext {
        let listener = settings.http.map { GatewayContext.Listener(ip: $0.ip, port: $0.port) }
        return GatewayContext(
            listener: listener,
            guestSubnets: { siteID in
                try await store.instances(at: siteID).flatMap(\.sites).filter { $0.siteID == siteID }
                    .flatMap(\.subnets)
            },
            runningGuests: { siteID in
                let now = Date()
                return try await store.runningSessions(atSite: siteID, now: now).filter { $0.status == .active }.map {
                    GatewayEntry(mac: $0.client.mac, ip: $0.client.ip, secondsLeft: $0.secondsLeft(at: now))
                }
            }, walledGarden: { try await planner.garden(of: [$0]).rules })
    }

    /// Throws `CommandFailure` with exit code 78 where there is no database and none `isCreated`, or it cannot be
    /// opened.
    static func openStore(
        _ settings: Configuration, isCreated: Bool,
        onChange: @escaping @Sendable (StoreChange) -> Void = { _ in }
    ) throws -> Store {
        guard case .sqlite(let path) = settings.database else {
            throw ConfigurationProblems(lines: [
                "database.url (PORTICO_DATABASE_URL): this version keeps its books in SQLite; use sqlite://PATH"
            ])
        }
        guard isCreated || FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                "database.url: \(path) does not exist; `portico database migrate` creates it, and `portico serve` does so too",
                exitCode: 78)
        }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        if let trouble = FileTrouble.folder(folder, isWritten: true) ?? FileTrouble.database(path) {
            throw CommandFailure("database.url: \(trouble)", exitCode: 78)
        }
        do {
            return Store(try SQLiteDatabase(path: path), sealer: settings.sealer, onChange: onChange)
        } catch {
            throw CommandFailure("database.url: \(path): \(error)", exitCode: 78)
        }
    }
}
