package import Captive
package import Foundation

/// Key rotation: counts the stored secrets by key, and seals them again with the first key.
extension Store {
    /// Maximum rows in one transaction, so that guests do not wait long for it.
    package static let resealBatch = 100

    /// Counts the stored secrets by key. Reads every row with a secret, and opens none.
    package func secretKeyUsage(now: Date) async throws -> SecretKeyUsage {
        let entries = try await database.read { connection in
            try SealedColumn.all.flatMap { column in
                try connection.rows(SealedColumnSQL.census(column), column.censusArguments(now)).map {
                    try column.entry($0)
                }
            }
        }
        return SecretKeyUsage(configured: sealer.keyIDs, entries: entries.mergedByTable)
    }

    /// Seals with the first key what an older key sealed, with one transaction per `batch` rows. Returns the number of
    /// rows. Keeps concurrent changes to a row. Does not change values that no key opens. After an interruption, the
    /// next call continues.
    package func resealSecrets(batch: Int = resealBatch) async throws -> Int {
        var total = 0
        for column in SealedColumn.all {
            var position = column.key.map(\.start)
            while let next = try await reseal(column, after: position, limit: batch), !Task.isCancelled {
                position = next.position
                total += next.count
            }
        }
        return total
    }

    /// Deletes the responses and hand-overs that no configured key opens, which are short-lived. Returns their number.
    package func dropUnreadableAnswers() async throws -> Int {
        let prefixes = sealer.keyIDs.map { SQLValue.blob($0.prefix) }
        return try await database.write { connection in
            try SealedColumn.all.compactMap { SealedColumnSQL.drop($0, allBut: prefixes.count) }
                .reduce(0) { try $0 + connection.execute($1, prefixes) }
        }
    }

    /// Returns the key of the last row that was read and the number of rows that were written; nil if no row is left.
    private func reseal(
        _ column: SealedColumn, after position: [SQLValue], limit: Int
    ) async throws -> (position: [SQLValue], count: Int)? {
        let arguments = [.blob(sealer.keyIDs[0].prefix), .integer(limit)] + position
        let rows = try await database.read { try $0.rows(SealedColumnSQL.page(column), arguments) }
        guard let last = rows.last else { return nil }
        let changes = try rows.compactMap { try resealed($0, column) }
        let position = Array(last.values.dropLast())
        guard !changes.isEmpty else { return (position, 0) }
        let count = try await database.write { connection in
            try changes.reduce(0) { try $0 + connection.execute(SealedColumnSQL.replace(column), $1) }
        }
        return (position, count)
    }

    /// Returns the arguments of `SealedColumnSQL.replace`; nil if no key opens the row's value.
    private func resealed(_ row: SQLRow, _ column: SealedColumn) throws -> [SQLValue]? {
        let (sealed, purpose) = try column.value(in: row)
        guard let plain = sealer.open(sealed, for: purpose) else { return nil }
        return [.blob(sealer.seal(plain, for: purpose)), .blob(sealed)] + row.values.dropLast()
    }
}

extension SealedColumn {
    /// Returns the value that follows the key in a row, and the purpose for which it is sealed.
    func value(in row: SQLRow) throws -> (sealed: [UInt8], purpose: String) {
        guard case .blob(let sealed)? = row.values.last else { throw StorageError.damagedRow("bytes") }
        var reader = RowReader(row)
        return (sealed, try purpose(&reader))
    }

    fileprivate func censusArguments(_ now: Date) -> [SQLValue] {
        lifetime.map { [.date(now - $0.seconds)] } ?? []
    }

    fileprivate func entry(_ row: SQLRow) throws -> SecretKeyUsage.Entry {
        var reader = RowReader(row)
        return .init(table: table, key: Sealer.KeyID(prefix: try reader.bytes()), count: try reader.integer())
    }
}

extension [SecretKeyUsage.Entry] {
    /// One entry per table and key, although a table may have several sealed columns.
    fileprivate var mergedByTable: [SecretKeyUsage.Entry] {
        reduce(into: []) { merged, entry in
            if let known = merged.firstIndex(where: { $0.table == entry.table && $0.key == entry.key }) {
                merged[known].count += entry.count
            } else {
                merged.append(entry)
            }
        }
    }
}
