import Captive
import Foundation

/// A column whose values are sealed, and its statements.
///
/// Every column in which `Store` keeps what a `Sealer` sealed is in `all`: what is not listed does not outlive the
/// removal of the key that sealed it.
struct SealedColumn: Sendable {
    let table: String
    let column: String
    /// The columns of the table's primary key, each with a value that sorts before all others.
    let key: [(name: String, start: SQLValue)]
    /// What the value of the row with that key is sealed for.
    let purpose: @Sendable (inout RowReader) throws -> String
    /// Rows with an earlier time than this many seconds ago do not count any more; nil where all rows count.
    var lifetime: (column: String, seconds: TimeInterval)?
    /// Deletes what no key opens, where that harms nothing that lasts: the statement up to its condition.
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
            purpose: { _ in Store.handoverPurpose }, lifetime: ("expires_at", 0), drop: "DELETE FROM handovers"),
        SealedColumn(
            table: "kept_answers", column: "answer", key: [("workspace", .text("")), ("key", .blob([]))],
            purpose: { try Store.answerPurpose($0.workspace(), $0.bytes()) },
            lifetime: ("created_at", IdempotencyClaim.lifetime), drop: "UPDATE kept_answers SET answer = NULL"),
    ]

    private static let id: [(name: String, start: SQLValue)] = [("id", .blob([]))]

    /// The bytes that hold the key id, as SQL.
    private var prefix: String { "SUBSTR(\(column), 1, \(Sealer.KeyID.prefixLength))" }
    private var names: String { key.map(\.name).joined(separator: ", ") }

    /// Rows by the prefix of their values. Argument: the earliest time that counts.
    var census: String {
        let condition = lifetime.map { " AND \($0.column) > ?1" } ?? ""
        return "SELECT \(prefix), COUNT(*) FROM \(table) WHERE \(column) IS NOT NULL\(condition) GROUP BY 1"
    }

    /// Key and value of the first rows. Argument: the limit.
    var sample: String {
        "SELECT \(names), \(column) FROM \(table) WHERE \(column) IS NOT NULL ORDER BY \(names) LIMIT ?1"
    }

    /// Key and value of rows with another prefix. Arguments: the prefix, the limit, the key of the row before.
    var page: String {
        let start = key.indices.map { "?\($0 + 3)" }.joined(separator: ", ")
        return """
            SELECT \(names), \(column) FROM \(table)
            WHERE (\(names)) > (\(start)) AND \(column) IS NOT NULL AND \(prefix) <> ?1 ORDER BY \(names) LIMIT ?2
            """
    }

    /// Writes a value if nobody has changed the row since it was read. Arguments: new value, value read, key.
    var replace: String {
        let condition = key.enumerated().map { "\($1.name) = ?\($0 + 3)" }.joined(separator: " AND ")
        return "UPDATE \(table) SET \(column) = ?1 WHERE \(condition) AND \(column) = ?2"
    }

    /// Takes away what begins with none of `count` prefixes, the arguments; nil where each value must be kept.
    func dropAllBut(_ count: Int) -> String? {
        let prefixes = (1...max(count, 1)).map { "?\($0)" }.joined(separator: ", ")
        return drop.map { "\($0) WHERE \(column) IS NOT NULL AND \(prefix) NOT IN (\(prefixes))" }
    }
}
