// Storage stores what must outlive the process: instances, sites, integrations, coupons and schedules, sessions,
// pending devices, notifications, walled gardens, images, tokens and the audit log. It does not depend on HTTP, and
// decides nothing that Captive can decide without it.
//
// Every statement is written once, in the dialect that SQLite and PostgreSQL share; a driver runs it over `Database`.
// Durable writes are reported only after the commit; guests' writes share one commit (`GroupCommit`).
//
// Reading order: Database, SQL/SQLValue and RowReader, SQL/Migration and Schema, SQLite/SQLiteDatabase and
// SQLiteInlineReader, GroupCommit, Store, then a file for each table in Tables; InstanceCatalog and ScheduleWatch last.

import Captive

/// Why a database cannot be used, as a text for the operator. Contains no values of rows.
package enum StorageError: Error, Sendable, Equatable {
    /// The file is damaged, or is not a database.
    case corrupt(String)
    /// The file, its folder or its file system is read-only.
    case readOnly
    /// The disk is full.
    case full
    /// Another process has held the database for longer than the driver waits.
    case busy
    /// The disk failed, or the file cannot be opened.
    case unusable(String)
    /// The file has no schema of this program.
    case noSchema
    /// An older program created this schema: version `found`; this program needs `known`.
    case olderSchema(found: Int, known: Int)
    /// A newer program created this schema: version `found`; this program knows `known`.
    case newerSchema(found: Int, known: Int)
    /// No stored secret opens with the configured keys.
    case unreadableSecrets
    /// A row contains a value that this program cannot have written; the text names the value's kind.
    case damagedRow(String)
    /// Any other refusal, with the engine's message.
    case refused(String)
}

extension StorageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .corrupt(let detail): "the database is damaged: \(detail)"
        case .readOnly: "the database cannot be written; check the rights of its file and folder"
        case .full: "the disk that holds the database is full"
        case .busy: "the database is held by another process"
        case .unusable(let detail): "the database cannot be used: \(detail)"
        case .noSchema: "the database has no schema; `portico database migrate` or `portico serve` creates it"
        case .olderSchema(let found, let known):
            "the database has schema \(found), this program needs \(known); stop the older portal, then run "
                + "`portico database migrate` or `portico serve`"
        case .newerSchema(let found, let known):
            "the database has schema \(found), this program knows up to \(known); use the newer program"
        case .unreadableSecrets: "no stored secret opens with the keys in secret.keys"
        case .damagedRow(let kind): "a row of the database holds a malformed \(kind)"
        case .refused(let detail): "the database refused: \(detail)"
        }
    }
}

extension StorageError: StoreFault {
    package var isUnavailable: Bool {
        switch self {
        case .corrupt, .readOnly, .full, .busy, .unusable: true
        case .noSchema, .olderSchema, .newerSchema, .unreadableSecrets, .damagedRow, .refused: false
        }
    }
}
