import Captive
import ControlAPI
import Foundation
import Gateways
import HTTPClient
import Storage

/// The database and what reads it: enough for a command that serves nobody.
struct Books: Sendable {
    let database: SQLiteDatabase
    let sealer: Sealer
    let store: Store
    let gateways: SiteGateways
    let revocations: TokenRevocations
    let issuer: TokenIssuer

    /// Opens the database, brings its schema up to date, and gets ready to reach routers.
    init(_ settings: Configuration, onChange: @escaping @Sendable (StoreChange) -> Void = { _ in }) async throws {
        guard let sealer = Sealer(keys: settings.secretKeys) else {
            throw ConfigurationProblems(lines: ["secret.keys (PORTICO_SECRET_KEYS): is required for this command"])
        }
        self.sealer = sealer
        database = try Self.openDatabase(settings)
        _ = try await database.migrate()
        let store = Store(database: database, sealer: sealer, onChange: onChange)
        self.store = store
        gateways = SiteGateways(sites: store, factory: GatewayFactory(http: HTTPClient()))
        revocations = TokenRevocations(store: store)
        issuer = TokenIssuer(sealer: sealer, store: store, revocations: revocations, clock: { Date() })
    }

    /// A code that nobody can foresee.
    static let randomCode: @Sendable () -> CouponCode = {
        var generator = SystemRandomNumberGenerator()
        return CouponCode.random(using: &generator)
    }

    static func openDatabase(_ settings: Configuration) throws -> SQLiteDatabase {
        guard case .sqlite(let path) = settings.database else {
            throw ConfigurationProblems(lines: [
                "database.url (PORTICO_DATABASE_URL): this version keeps its books in SQLite; use sqlite://PATH"
            ])
        }
        return try SQLiteDatabase(path: path)
    }
}
