package import Captive
package import Foundation

extension Store {
    /// Newest first.
    package func integrations(in workspace: Workspace, page: ListPage) async throws -> [AuthIntegration] {
        try await database.read {
            try $0.rows(IntegrationSQL.page, [.workspace(workspace)] + page.arguments).map(integration)
        }
    }

    /// Returns the integrations of all workspaces, oldest first, for the operator's checks.
    package func allIntegrations() async throws -> [AuthIntegration] {
        try await database.read { try $0.rows(IntegrationSQL.all, []).map(integration) }
    }

    /// Returns nil if the workspace has no such integration.
    package func integration(_ id: UUID, in workspace: Workspace) async throws -> AuthIntegration? {
        guard let integration = try await integration(id), integration.workspace == workspace else { return nil }
        return integration
    }

    /// For guest pages, which are not restricted to a workspace.
    package func integration(_ id: UUID) async throws -> AuthIntegration? {
        try await database.read { try $0.row(IntegrationSQL.one, [.id(id)]).map(integration) }
    }

    /// Creates new sites as needed. Throws `StoreError.conflict` if a subnet overlaps that of another instance at the
    /// same site, or if a site belongs to another workspace.
    package func create(_ integration: AuthIntegration) async throws {
        try await database.write { connection in
            guard try connection.row(IntegrationSQL.one, [.id(integration.id)]) == nil else {
                throw StoreError.conflict("An integration has this id already.")
            }
            var arguments = changeable(integration)
            arguments.insert(.workspace(integration.workspace), at: 1)
            try connection.execute(IntegrationSQL.insert, arguments + [.date(integration.createdAt)])
        }
        onChange(.integration(integration.id))
    }

    /// Applies `change` in one transaction and returns the result. Throws `StoreError.notFound`.
    package func updateIntegration(
        _ id: UUID, in workspace: Workspace, _ change: @Sendable @escaping (inout AuthIntegration) throws -> Void
    ) async throws -> AuthIntegration {
        let (changed, sites) = try await database.write { connection in
            guard var integration = try connection.row(IntegrationSQL.one, [.id(id)]).map(integration),
                integration.workspace == workspace
            else { throw StoreError.notFound }
            let provider = integration.provider
            try change(&integration)
            try connection.execute(IntegrationSQL.update, changeable(integration))
            return (
                integration, integration.provider == provider ? [] : try Self.sites(usingIntegration: id, connection)
            )
        }
        onChange(.integration(id))
        if !sites.isEmpty { onChange(.garden(sites)) }
        return changed
    }

    /// Returns false if there was none. Throws `StoreError.conflict` while an instance uses it.
    package func deleteIntegration(_ id: UUID, in workspace: Workspace) async throws -> Bool {
        let deleted = try await database.write { connection in
            guard let row = try connection.row(IntegrationSQL.one, [.id(id)]),
                try integration(row).workspace == workspace
            else { return false }
            if try connection.row(IntegrationSQL.user, [.id(id)]) != nil {
                throw StoreError.conflict("An instance uses this integration.")
            }
            return try connection.execute(IntegrationSQL.delete, [.id(id)]) == 1
        }
        if deleted { onChange(.integration(id)) }
        return deleted
    }

    private static func sites(usingIntegration id: UUID, _ connection: any SQLConnection) throws -> Set<UUID> {
        try Set(
            connection.rows(WalledGardenSQL.sitesOfIntegration, [.id(id)]).map { row in
                var reader = RowReader(row)
                return try reader.id()
            })
    }

    /// The id and the changeable columns, in the order of `IntegrationSQL.update`.
    private func changeable(_ integration: AuthIntegration) -> [SQLValue] {
        [
            .id(integration.id), .text(integration.name), .text(integration.provider.rawValue),
            .text(integration.clientID), seal(integration.clientSecret, for: Self.integrationPurpose(integration.id)),
            .text(integration.tenant),
        ]
    }

    private func integration(_ row: SQLRow) throws -> AuthIntegration {
        var reader = RowReader(row)
        let id = try reader.id()
        return AuthIntegration(
            id: id, workspace: try reader.workspace(), name: try reader.text(), provider: try reader.word(),
            clientID: try reader.text(), clientSecret: open(try reader.bytes(), for: Self.integrationPurpose(id)),
            tenant: try reader.optional { try $0.text() }, createdAt: try reader.date())
    }

    static func integrationPurpose(_ id: UUID) -> String { "integration-secret:\(id.text)" }
}

/// Statements on `integrations`.
enum IntegrationSQL {
    private static let columns = "id, workspace, name, provider, client_id, client_secret, tenant, created_at"

    static let page = """
        SELECT \(columns) FROM integrations WHERE workspace = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let all = "SELECT \(columns) FROM integrations ORDER BY created_at, id"
    static let one = "SELECT \(columns) FROM integrations WHERE id = ?1"
    static let insert = "INSERT INTO integrations (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
    static let update = """
        UPDATE integrations SET name = ?2, provider = ?3, client_id = ?4, client_secret = ?5, tenant = ?6 WHERE id = ?1
        """
    static let delete = "DELETE FROM integrations WHERE id = ?1"
    static let user = "SELECT id FROM instances WHERE integration_id = ?1 LIMIT 1"
}
