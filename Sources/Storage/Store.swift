package import Captive
package import Foundation

/// What has changed, told after the commit.
package enum StoreChange: Sendable, Equatable {
    case instance(UUID)
    case site(UUID)
    case integration(UUID)
    /// Sites whose walled garden may have to be another one.
    case garden(Set<UUID>)
    /// A schedule was made or changed: its next run may be another.
    case schedule(UUID)
    /// Devices whose routers are to be brought to what the database says.
    case pending([SiteDevice])
}

/// All that the portal keeps, over either engine. Implements every `…Store` role of Captive.
///
/// Secrets are sealed for a purpose that names their row and column, so none can be moved to another row. Every method
/// throws `StorageError` besides what its role says. Callable from any task.
package struct Store: Sendable {
    let database: any Database
    let monitor: MonitoredDatabase
    let guests: GroupCommit
    let sealer: Sealer
    let resumeCodes: ResumeCodes
    /// The node that holds what this store marks.
    let node: String
    let onChange: @Sendable (StoreChange) -> Void

    /// `node` names the node among those that share the database; the only one of a SQLite database keeps its name, so
    /// that it takes up what it left. `onChange` runs on the task that made the change, before that task gets its
    /// answer; it must not wait.
    package init(
        _ database: any Database, sealer: Sealer, node: String = "local",
        onChange: @Sendable @escaping (StoreChange) -> Void = { _ in }
    ) {
        monitor = MonitoredDatabase(database)
        self.database = AccompaniedDatabase(database: monitor)
        guests = GroupCommit(monitor)
        self.sealer = sealer
        resumeCodes = ResumeCodes(sealer: sealer)
        self.node = node
        self.onChange = onChange
    }

    /// Brings the schema up to date. Throws `StorageError.newerSchema` for a newer program's database.
    package func migrate(now: Date) async throws -> MigrationReport {
        try await Migrator(database: database, migrations: Schema.migrations).migrate(now: now)
    }

    /// Waits for what is running and closes the database.
    package func close() throws { try database.close() }
}

extension ListPage {
    /// The values of `(created_at, id) < (?, ?)` and `LIMIT ?`; without a cursor, ones above every row.
    var arguments: [SQLValue] {
        let start: [SQLValue] =
            after.map { [.date($0.createdAt), .id($0.id)] }
            ?? [.integer(Int64.max), .blob(Array(repeating: 0xFF, count: 16))]
        return start + [.integer(limit)]
    }
}
