import Captive
import ControlAPI
import Foundation
import Gateways
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

    /// What a command may do with the database.
    enum DatabaseAccess {
        /// Create the file, and create or migrate the schema.
        case migrate
        /// Read and write rows. The schema must be up to date.
        case use
        /// Read rows. The schema must be up to date.
        case read
    }

    /// Opens the database and creates the services. Throws `CommandFailure` with exit code 78 if the database cannot be
    /// used with `access`.
    init(
        _ settings: Configuration, _ access: DatabaseAccess = .use,
        onChange: @escaping @Sendable (StoreChange) -> Void = { _ in }
    ) async throws {
        sealer = settings.sealer
        store = try Self.openStore(settings, access, onChange: onChange)
        if access == .migrate { _ = try await Self.migrate(store) }
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

    /// Creates or migrates the schema. Throws `CommandFailure` with exit code 78 if a newer program has made it.
    static func migrate(_ store: Store) async throws -> MigrationReport {
        do { return try await store.migrate(now: Date()) } catch let error as StorageError {
            guard case .newerSchema = error else { throw error }
            throw CommandFailure("database.url: \(error)", exitCode: 78)
        }
    }

    /// Opens the database. Throws `CommandFailure` with exit code 78 if it cannot be used with `access`.
    static func openStore(
        _ settings: Configuration, _ access: DatabaseAccess,
        onChange: @escaping @Sendable (StoreChange) -> Void = { _ in }
    ) throws -> Store {
        guard case .sqlite(let path) = settings.database else {
            throw ConfigurationProblems(lines: [
                "database.url (PORTICO_DATABASE_URL): this version supports SQLite only; use sqlite://PATH"
            ])
        }
        guard access == .migrate || FileManager.default.fileExists(atPath: path) else {
            throw CommandFailure(
                "database.url: \(path) does not exist; `portico database migrate` and `portico serve` create it",
                exitCode: 78)
        }
        let folder = URL(filePath: path).deletingLastPathComponent().path
        if let problem = FileProblem.folder(folder, isWritten: true) ?? FileProblem.database(path) {
            throw CommandFailure("database.url: \(problem)", exitCode: 78)
        }
        do {
            if access != .migrate { try SQLiteDatabase.requireSchema(path: path) }
            let database = try SQLiteDatabase(path: path, isReadOnly: access == .read)
            return Store(database, sealer: settings.sealer, onChange: onChange)
        } catch {
            throw CommandFailure("database.url: \(path): \(error)", exitCode: 78)
        }
    }
}
