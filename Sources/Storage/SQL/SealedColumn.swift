import Captive
import Foundation

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
