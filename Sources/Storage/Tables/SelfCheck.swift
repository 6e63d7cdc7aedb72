import Captive
package import Foundation

extension Store {
    /// Bytes that a check writes after a failed write: about as many as a redemption changes.
    private static let trialSize = 65_536
    /// Maximum stored secrets of each kind that a check opens.
    private static let trialSecrets = 20

    /// Checks that the database accepts writes, by writing one row, and that stored secrets open. A single secret that
    /// does not open is not an error, because it may be damaged. Throws `StorageError`.
    package func checkHealth(now: Date) async throws {
        let filler: SQLValue =
            monitor.writeFault == nil ? .null : .blob(Array(repeating: 0, count: Self.trialSize))
        _ = try await database.write { try $0.execute(SelfCheckSQL.write, [.date(now), filler]) }
        try await checkSecrets()
    }

    /// Why the last write failed; nil if it succeeded, or failed for a cause other than the disk, a file or a lock.
    package var writeFault: StorageError? { monitor.writeFault }

    private func checkSecrets() async throws {
        let results = try await database.read { connection in
            try SealedColumn.all.filter { $0.lifetime == nil }.flatMap { column in
                try connection.rows(SealedColumnSQL.sample(column), [.integer(Self.trialSecrets)]).map {
                    try opens($0, column)
                }
            }
        }
        guard results.isEmpty || results.contains(true) else { throw StorageError.unreadableSecrets }
    }

    private func opens(_ row: SQLRow, _ column: SealedColumn) throws -> Bool {
        let (sealed, purpose) = try column.value(in: row)
        return sealer.open(sealed, for: purpose) != nil
    }
}

/// Statements on `self_checks`, which has one row.
enum SelfCheckSQL {
    static let write = """
        INSERT INTO self_checks (id, written_at, filler) VALUES (1, ?1, ?2)
        ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at, filler = excluded.filler
        """

    static let clock = "SELECT trusted_at, doubted_from, doubted_until FROM self_checks WHERE id = 1"
    static let keepClock = """
        INSERT INTO self_checks (id, trusted_at, doubted_from, doubted_until) VALUES (1, ?1, ?2, ?3)
        ON CONFLICT (id) DO UPDATE SET trusted_at = excluded.trusted_at, doubted_from = excluded.doubted_from,
            doubted_until = excluded.doubted_until
        """
    /// The time of the newest row.
    static let newest = """
        SELECT MAX(at) FROM (
            SELECT MAX(created_at) AS at FROM sessions UNION ALL SELECT MAX(created_at) FROM coupons
            UNION ALL SELECT MAX(created_at) FROM audit_entries UNION ALL SELECT MAX(created_at) FROM api_tokens
            UNION ALL SELECT MAX(created_at) FROM instances UNION ALL SELECT MAX(created_at) FROM sites) AS times
        """
}
