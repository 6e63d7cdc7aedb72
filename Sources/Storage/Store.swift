package import Captive
package import Foundation

/// A change, reported after the commit.
package enum StoreChange: Sendable, Equatable {
    case instance(UUID)
    case site(UUID)
    case integration(UUID)
    /// Sites whose desired walled garden may have changed.
    case garden(Set<UUID>)
    /// A schedule was created or changed; its next run may be different.
    case schedule(UUID)
    /// Devices whose routers have to be brought to their desired state.
    case pending([SiteDevice])
}

/// All stored data of the portal, over either engine. Its methods are beside the statements of their tables, in Tables.
///
/// Secrets are sealed for a purpose that names their row and column, so a secret cannot be moved to another row. Every
/// method throws `StorageError` besides the errors that it names. Callable from any task.
package struct Store: Sendable {
    let database: any Database
    let monitor: MonitoredDatabase
    let guests: GroupCommit
    let sealer: Sealer
    let resumeCodes: ResumeCodes
    /// The node that holds the devices that this store marks.
    let node: String
    let onChange: @Sendable (StoreChange) -> Void

    /// `node` identifies the node among those that share the database. The only node of a SQLite database keeps its
    /// name, so that it continues with the devices that it held. `onChange` runs on the task that made the change,
    /// before its call returns; it must not block.
    package init(
        _ database: any Database, sealer: Sealer, node: String = "local",
        onChange: @Sendable @escaping (StoreChange) -> Void = { _ in }
    ) {
        monitor = MonitoredDatabase(database)
        self.database = AuditedDatabase(database: monitor)
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

    /// Waits for running calls and closes the database.
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
