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
                try connection.rows(SealedColumnSQL.usage(column), column.usageArguments(now)).map {
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

    fileprivate func usageArguments(_ now: Date) -> [SQLValue] {
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

extension Store {
    /// An unreadable secret keeps its sealed form: it can be opened when its key is configured again.
    func seal(_ secret: Secret, for purpose: String) -> SQLValue {
        .blob(secret.sealedForm ?? sealer.seal(Array((secret.revealed ?? "").utf8), for: purpose))
    }

    func seal(_ secret: Secret?, for purpose: String) -> SQLValue {
        secret.map { seal($0, for: purpose) } ?? .null
    }

    /// Returns an unreadable secret if no key opens it, or if it was sealed for another row: one row must not make
    /// others unusable.
    func open(_ sealed: [UInt8], for purpose: String) -> Secret {
        guard let bytes = sealer.open(sealed, for: purpose) else { return Secret(unreadable: sealed) }
        return Secret(String(decoding: bytes, as: UTF8.self))
    }
}

/// Statements on any column with sealed values.
enum SealedColumnSQL {
    static let dropHandovers = "DELETE FROM handovers"
    static let dropAnswers = "UPDATE kept_answers SET answer = NULL"

    /// Counts rows by the prefix of their values, which contains the key id. Argument: the earliest time that counts.
    static func usage(_ column: SealedColumn) -> String {
        let condition = column.lifetime.map { " AND \($0.column) > ?1" } ?? ""
        let usage = """
            SELECT \(column.prefix), COUNT(*) FROM \(column.table) WHERE \(column.column) IS NOT NULL\(condition)
            GROUP BY 1
            """
        return usage
    }

    /// Key and value of the first rows. Argument: the limit.
    static func sample(_ column: SealedColumn) -> String {
        let sample = """
            SELECT \(column.names), \(column.column) FROM \(column.table) WHERE \(column.column) IS NOT NULL
            ORDER BY \(column.names) LIMIT ?1
            """
        return sample
    }

    /// Key and value of rows whose value has another prefix. Arguments: the prefix, the limit, the key of the previous
    /// row.
    static func page(_ column: SealedColumn) -> String {
        let start = column.key.indices.map { "?\($0 + 3)" }.joined(separator: ", ")
        let page = """
            SELECT \(column.names), \(column.column) FROM \(column.table)
            WHERE (\(column.names)) > (\(start)) AND \(column.column) IS NOT NULL AND \(column.prefix) <> ?1
            ORDER BY \(column.names) LIMIT ?2
            """
        return page
    }

    /// Writes a value unless the row has changed since it was read. Arguments: new value, value read, key.
    static func replace(_ column: SealedColumn) -> String {
        let condition = column.key.enumerated().map { "\($1.name) = ?\($0 + 3)" }.joined(separator: " AND ")
        let replace = """
            UPDATE \(column.table) SET \(column.column) = ?1 WHERE \(condition) AND \(column.column) = ?2
            """
        return replace
    }

    /// Removes values that have none of `count` prefixes, the arguments; nil if the values must be kept.
    static func drop(_ column: SealedColumn, allBut count: Int) -> String? {
        let beginnings = (1...max(count, 1)).map { "?\($0)" }.joined(separator: ", ")
        return column.drop.map {
            "\($0) WHERE \(column.column) IS NOT NULL AND \(column.prefix) NOT IN (\(beginnings))"
        }
    }
}

extension SealedColumn {
    /// The prefix of the value, which contains the key id.
    fileprivate var prefix: String { "SUBSTR(\(column), 1, \(Sealer.KeyID.prefixLength))" }
    fileprivate var names: String { key.map(\.name).joined(separator: ", ") }
}

/// A column with sealed values.
///
/// `all` lists every column in which `Store` stores sealed values. Values of an unlisted column are lost when the key
/// that sealed them is removed.
struct SealedColumn: Sendable {
    let table: String
    let column: String
    /// The columns of the table's primary key, each with a value that sorts before all others.
    let key: [(name: String, start: SQLValue)]
    /// The purpose for which the value of the row with that key is sealed.
    let purpose: @Sendable (inout RowReader) throws -> String
    /// Rows with an earlier time than this many seconds ago are ignored; nil if no rows are.
    var lifetime: (column: String, seconds: TimeInterval)?
    /// A statement, up to its condition, that removes values without a lasting loss; nil if the values must be kept.
    var drop: String?

    static let all = [
        SealedColumn(table: "sites", column: "password", key: id) { try Store.sitePurpose("password", $0.id()) },
        SealedColumn(table: "sites", column: "fas_key", key: id) { try Store.sitePurpose("fas-key", $0.id()) },
        SealedColumn(table: "integrations", column: "client_secret", key: id) {
            try Store.integrationPurpose($0.id())
        },
        SealedColumn(table: "notification_groups", column: "webhook_secret", key: id) {
            try Store.webhookPurpose(NotificationGroup.ID($0.id()))
        },
        SealedColumn(
            table: "handovers", column: "message", key: [("digest", .blob([]))],
            purpose: { _ in Store.handoverPurpose }, lifetime: ("expires_at", 0), drop: SealedColumnSQL.dropHandovers),
        SealedColumn(
            table: "kept_answers", column: "answer", key: [("workspace", .text("")), ("key", .blob([]))],
            purpose: { try Store.answerPurpose($0.workspace(), $0.bytes()) },
            lifetime: ("created_at", IdempotencyKey.lifetime), drop: SealedColumnSQL.dropAnswers),
    ]

    private static let id: [(name: String, start: SQLValue)] = [("id", .blob([]))]
}
