import Captive
import Foundation

/// A column whose values are sealed.
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
    /// Takes values away, where that harms nothing that lasts: a statement up to its condition.
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
