package import Captive
package import Foundation

extension Store {
    /// Adds the record of a new token.
    package func record(_ token: APIToken) async throws {
        try await database.write { connection in
            guard try connection.row(APITokenSQL.one, [.id(token.id)]) == nil else {
                throw StoreError.conflict("A token has this id already.")
            }
            try connection.execute(
                APITokenSQL.insert,
                [
                    .id(token.id), .workspace(token.workspace),
                    .text(token.scopes.map(\.rawValue).sorted().joined(separator: " ")), .date(token.createdAt),
                    .date(token.expiresAt), .date(token.revokedAt),
                ])
        }
    }

    /// Newest first, including revoked and expired tokens.
    package func tokens() async throws -> [APIToken] {
        try await database.read { try $0.rows(APITokenSQL.all, []).map(Self.token) }
    }

    /// Returns false if there is no such token.
    package func revokeToken(_ id: UUID, now: Date) async throws -> Bool {
        try await database.write { try $0.execute(APITokenSQL.revoke, [.id(id), .date(now)]) == 1 }
    }

    /// Whether the token is recorded and not revoked.
    package func isGoodToken(_ id: UUID) async throws -> Bool {
        try await database.read { try $0.row(APITokenSQL.good, [.id(id)]) != nil }
    }

    private static func token(_ row: SQLRow) throws -> APIToken {
        var reader = RowReader(row)
        let id = try reader.id()
        let workspace = try reader.workspace()
        let words = try reader.text().split(separator: " ")
        let scopes = words.compactMap { APIToken.Scope(rawValue: String($0)) }
        guard scopes.count == words.count else { return try reader.damaged("scope") }
        return APIToken(
            id: id, workspace: workspace, scopes: Set(scopes), createdAt: try reader.date(),
            expiresAt: try reader.date(), revokedAt: try reader.optional { try $0.date() })
    }
}

/// Statements on `api_tokens`.
enum APITokenSQL {
    private static let columns = "id, workspace, scopes, created_at, expires_at, revoked_at"

    static let all = "SELECT \(columns) FROM api_tokens ORDER BY created_at DESC, id DESC"
    static let insert = "INSERT INTO api_tokens (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    /// Keeps the time of the first revocation.
    static let revoke = "UPDATE api_tokens SET revoked_at = COALESCE(revoked_at, ?2) WHERE id = ?1"
    static let good = "SELECT id FROM api_tokens WHERE id = ?1 AND revoked_at IS NULL"
    static let one = "SELECT id FROM api_tokens WHERE id = ?1"
}
