package import Captive
package import Foundation
import NetworkAddress

extension Store {
    /// Performs `work`, and writes `entry` and `claim` in the transaction of its first change: they are stored if and
    /// only if that change is. Throws `IdempotencyConflict` without a change if another request has the same key.
    package func audited<Value: Sendable>(
        by entry: AuditEntry, _ claim: IdempotencyKey?, _ work: () async throws -> Value
    ) async throws -> Value {
        let hook = AuditHook { connection in
            if let claim { try Self.take(claim, connection) }
            try connection.execute(AuditSQL.insert, Self.arguments(entry))
        }
        return try await AuditHook.$current.withValue(hook, operation: work)
    }

    /// Records the id of the resource that was created. Does nothing if there is no such entry.
    package func complete(_ entryID: UUID, resourceID: String) async throws {
        _ = try await database.write { try $0.execute(AuditSQL.complete, [.id(entryID), .text(resourceID)]) }
    }

    /// Newest first.
    package func auditEntries(
        in workspace: Workspace, matching filter: AuditFilter, page: ListPage
    ) async throws -> [AuditEntry] {
        let (sql, arguments) = AuditSQL.page(filter)
        return try await database.read {
            try $0.rows(sql, [.workspace(workspace)] + page.arguments + arguments).map(Self.entry)
        }
    }

    /// Deletes at most `limit` entries older than `end`. Returns the number of deleted entries.
    package func deleteAuditEntries(before end: Date, limit: Int) async throws -> Int {
        try await database.write { try $0.execute(AuditSQL.deleteOld, [.date(end), .integer(limit)]) }
    }

    private static func arguments(_ entry: AuditEntry) -> [SQLValue] {
        [
            .id(entry.id), .workspace(entry.workspace), .text(entry.actor.tokenID), .text(entry.actor.subject),
            entry.actor.address.map { .ip($0) } ?? .null, .text(entry.action), .text(entry.resource),
            .text(entry.resourceID), .text(entry.path), .text(entry.fields.joined(separator: " ")),
            .date(entry.createdAt),
        ]
    }

    private static func entry(_ row: SQLRow) throws -> AuditEntry {
        var reader = RowReader(row)
        let (id, workspace) = (try reader.id(), try reader.workspace())
        let actor = AuditEntry.Actor(
            tokenID: try reader.optional { try $0.text() }, subject: try reader.optional { try $0.text() },
            address: try reader.optional { try $0.ip() })
        return AuditEntry(
            id: id, workspace: workspace, actor: actor, action: try reader.text(), resource: try reader.text(),
            resourceID: try reader.optional { try $0.text() }, path: try reader.optional { try $0.text() },
            fields: try reader.text().split(separator: " ").map(String.init), createdAt: try reader.date())
    }
}

extension Store {
    /// Returns nil if no request with the same key has taken effect within a day.
    package func earlierRequest(_ claim: IdempotencyKey) async throws -> EarlierRequest? {
        let arguments = Self.place(claim) + [.date(claim.now - IdempotencyKey.lifetime)]
        guard let row = try await database.read({ try $0.row(AuditSQL.earlier, arguments) }) else { return nil }
        var reader = RowReader(row)
        guard try reader.bytes() == claim.request else { return .different }
        guard let sealed = try reader.optional({ try $0.bytes() }) else {
            return .unanswered(since: try reader.date())
        }
        // Without the key that sealed it, the response is lost, but the request has taken effect.
        return sealer.open(sealed, for: Self.answerPurpose(claim.workspace, claim.key)).map { .answered($0) }
            ?? .unanswered(since: .distantPast)
    }

    /// Stores the response to a request. Does not replace a stored response.
    package func keep(_ answer: [UInt8], for claim: IdempotencyKey) async throws {
        let sealed = SQLValue.blob(sealer.seal(answer, for: Self.answerPurpose(claim.workspace, claim.key)))
        try await database.write { connection in
            try Self.makeRoom(for: claim, connection)
            try connection.execute(AuditSQL.keep, Self.row(claim) + [sealed])
        }
    }

    /// Deletes at most `limit` responses older than `end`. Returns the number of deleted responses.
    package func deleteResponses(before end: Date, limit: Int) async throws -> Int {
        try await database.write { try $0.execute(AuditSQL.deleteAnswers, [.date(end), .integer(limit)]) }
    }

    /// Throws `IdempotencyConflict` if another request has taken the key.
    private static func take(_ claim: IdempotencyKey, _ connection: any SQLConnection) throws {
        try makeRoom(for: claim, connection)
        guard try connection.execute(AuditSQL.claim, row(claim)) == 1 else { throw IdempotencyConflict() }
    }

    /// A key can be used again after a day.
    private static func makeRoom(for claim: IdempotencyKey, _ connection: any SQLConnection) throws {
        try connection.execute(
            AuditSQL.deleteExpiredAnswer, place(claim) + [.date(claim.now - IdempotencyKey.lifetime)])
    }

    private static func place(_ claim: IdempotencyKey) -> [SQLValue] {
        [.workspace(claim.workspace), .blob(claim.key)]
    }

    private static func row(_ claim: IdempotencyKey) -> [SQLValue] {
        place(claim) + [.blob(claim.request), .date(claim.now)]
    }

    static func answerPurpose(_ workspace: Workspace, _ key: [UInt8]) -> String {
        "kept-answer:\(workspace):" + key.map { String($0, radix: 16) }.joined(separator: "-")
    }
}

/// Statements on `audit_entries` and on `kept_answers`.
enum AuditSQL {
    private static let columns = """
        id, workspace, token_id, subject, address, action, resource, resource_id, path, fields, created_at
        """

    static let insert = """
        INSERT INTO audit_entries (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
        """
    static let complete = "UPDATE audit_entries SET resource_id = ?2 WHERE id = ?1 AND resource_id IS NULL"
    static let deleteOld = """
        DELETE FROM audit_entries
        WHERE id IN (SELECT id FROM audit_entries WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)
        """

    /// A page of a workspace's entries, with those of several fixed conditions that the filter selects.
    static func page(_ filter: AuditFilter) -> (sql: String, arguments: [SQLValue]) {
        var conditions: [String] = []
        var arguments: [SQLValue] = []
        func add(_ condition: String, _ value: SQLValue?) {
            guard let value else { return }
            // ?1 to ?4 are the workspace and the page.
            conditions.append(" AND " + condition.replacing("?", with: "?\(5 + arguments.count)"))
            arguments.append(value)
        }
        add("resource = ?", filter.resource.map { .text($0) })
        add("resource_id = ?", filter.resourceID.map { .text($0) })
        add("token_id = ?", filter.tokenID.map { .text($0) })
        add("created_at >= ?", filter.since.map { .date($0) })
        add("created_at < ?", filter.until.map { .date($0) })
        let sql = """
            SELECT \(columns) FROM audit_entries WHERE workspace = ?1 AND (created_at, id) < (?2, ?3)\(conditions.joined())
            ORDER BY created_at DESC, id DESC LIMIT ?4
            """
        return (sql, arguments)
    }

    static let earlier = """
        SELECT request, answer, created_at FROM kept_answers WHERE workspace = ?1 AND key = ?2 AND created_at > ?3
        """
    static let deleteExpiredAnswer = "DELETE FROM kept_answers WHERE workspace = ?1 AND key = ?2 AND created_at <= ?3"
    static let claim = """
        INSERT INTO kept_answers (workspace, key, request, created_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (workspace, key) DO NOTHING
        """
    static let keep = """
        INSERT INTO kept_answers (workspace, key, request, created_at, answer) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (workspace, key) DO UPDATE SET answer = COALESCE(kept_answers.answer, excluded.answer)
        WHERE kept_answers.request = excluded.request
        """
    static let deleteAnswers = """
        DELETE FROM kept_answers WHERE (workspace, key) IN
        (SELECT workspace, key FROM kept_answers WHERE created_at < ?1 ORDER BY created_at LIMIT ?2)
        """
}
