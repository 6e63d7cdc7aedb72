package import Captive
package import Foundation

extension Store: APITokenStore {
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

    package func tokens() async throws -> [APIToken] {
        try await database.read { try $0.rows(APITokenSQL.all, []).map(Self.token) }
    }

    package func revokeToken(_ id: UUID, now: Date) async throws -> Bool {
        try await database.write { try $0.execute(APITokenSQL.revoke, [.id(id), .date(now)]) == 1 }
    }

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
