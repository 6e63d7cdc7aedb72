package import Captive
package import Foundation
import NetworkAddress

extension Store: AuditTrail {
    package func accompanied<Value: Sendable>(
        by entry: AuditEntry, _ claim: IdempotencyKey?, _ work: () async throws -> Value
    ) async throws -> Value {
        let companion = Companion { connection in
            if let claim { try Self.take(claim, connection) }
            try connection.execute(AuditSQL.insert, Self.arguments(entry))
        }
        return try await Companion.$current.withValue(companion, operation: work)
    }

    package func complete(_ entryID: UUID, resourceID: String) async throws {
        _ = try await database.write { try $0.execute(AuditSQL.complete, [.id(entryID), .text(resourceID)]) }
    }

    package func auditEntries(
        in workspace: Workspace, matching filter: AuditFilter, page: ListPage
    ) async throws -> [AuditEntry] {
        let (sql, arguments) = AuditSQL.page(filter)
        return try await database.read {
            try $0.rows(sql, [.workspace(workspace)] + page.arguments + arguments).map(Self.entry)
        }
    }

    package func deleteAuditEntries(before end: Date, limit: Int) async throws -> Int {
        try await database.write { try $0.execute(AuditSQL.forget, [.date(end), .integer(limit)]) }
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

extension Store: IdempotencyStore {
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

    package func keep(_ answer: [UInt8], for claim: IdempotencyKey) async throws {
        let sealed = SQLValue.blob(sealer.seal(answer, for: Self.answerPurpose(claim.workspace, claim.key)))
        try await database.write { connection in
            try Self.makeRoom(for: claim, connection)
            try connection.execute(AuditSQL.keep, Self.row(claim) + [sealed])
        }
    }

    package func deleteResponses(before end: Date, limit: Int) async throws -> Int {
        try await database.write { try $0.execute(AuditSQL.forgetAnswers, [.date(end), .integer(limit)]) }
    }

    /// Throws `IdempotencyConflict` if another request has taken the key.
    private static func take(_ claim: IdempotencyKey, _ connection: any SQLConnection) throws {
        try makeRoom(for: claim, connection)
        guard try connection.execute(AuditSQL.claim, row(claim)) == 1 else { throw IdempotencyConflict() }
    }

    /// A key can be used again after a day.
    private static func makeRoom(for claim: IdempotencyKey, _ connection: any SQLConnection) throws {
        try connection.execute(
            AuditSQL.forgetOld, place(claim) + [.date(claim.now - IdempotencyKey.lifetime)])
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
