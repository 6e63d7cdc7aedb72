import Captive
import ControlAPI
import Foundation
import Gateways
import GuestPortal
import HTTPClient
import HTTPServer
import OAuth
import Storage

/// The store and the services built on it, for commands and the portal.
struct Services: Sendable {
    let sealer: Sealer
    let store: Store
    let gateways: SiteGateways
    let revocations: TokenRevocations
    let issuer: TokenIssuer
    let signIn: SignIn

    /// Opens the database, migrates its schema and creates the services. Throws `CommandFailure` if the database does
    /// not exist, unless `isCreated`.
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

    /// Returns a planner of walled gardens for a portal at `origin`.
    func planner(_ origin: String) -> WalledGardenPlanner { Self.planner(origin, store, signIn) }

    private static func planner(_ origin: String, _ store: Store, _ signIn: SignIn) -> WalledGardenPlanner {
        WalledGardenPlanner(store: store, publicURL: origin) { signIn.walledGardenHosts(for: $0) }
    }

    /// The data that gateway drivers need.
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

    /// Opens the database. Throws `CommandFailure` with exit code 78 if it cannot be opened, or does not exist and is
    /// not to be created.
    static func openStore(
        _ settings: Configuration, isCreated: Bool,
        onChange: @escaping @Sendable (StoreChange) -> Void = { _ in }
    ) throws -> Store {
        guard case .sqlite(let path) = settings.database else {
            throw ConfigurationProblems(lines: [
                "database.url (PORTICO_DATABASE_URL): this version supports SQLite only; use sqlite://PATH"
            ])
        }
        guard isCreated || FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                "database.url: \(path) does not exist; `portico database migrate` and `portico serve` create it",
                exitCode: 78)
        }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        if let problem = FileProblem.folder(folder, isWritten: true) ?? FileProblem.database(path) {
            throw CommandFailure("database.url: \(problem)", exitCode: 78)
        }
        do {
            return Store(try SQLiteDatabase(path: path), sealer: settings.sealer, onChange: onChange)
        } catch {
            throw CommandFailure("database.url: \(path): \(error)", exitCode: 78)
        }
    }
}
