package import Captive
package import Foundation

extension Store: SiteStore {
    package func sites(in workspace: Workspace, page: ListPage) async throws -> [Site] {
        try await database.read { try $0.rows(SiteSQL.page, [.workspace(workspace)] + page.arguments).map(site) }
    }

    package func site(_ id: UUID, in workspace: Workspace) async throws -> Site? {
        guard let site = try await site(id), site.workspace == workspace else { return nil }
        return site
    }

    package func site(_ id: UUID) async throws -> Site? {
        try await database.read { try $0.row(SiteSQL.one, [.id(id)]).map(site) }
    }

    package func sitesWithRouter() async throws -> [Site] {
        try await database.read { try $0.rows(SiteSQL.withRouter, []).map(site) }
    }

    package func upsertSite(
        _ id: UUID, in workspace: Workspace, now: Date, _ change: @Sendable @escaping (inout Site) throws -> Void
    ) async throws -> Site {
        let written = try await database.write { connection in
            let known = try connection.row(SiteSQL.one, [.id(id)]).map(site)
            var site = known ?? Site(id: id, workspace: workspace, createdAt: now.kept)
            guard site.workspace == workspace else { throw StoreError.conflict(Self.siteIsTaken(id)) }
            try change(&site)
            if known == nil {
                try connection.execute(SiteSQL.insert, changeable(site) + [.date(site.createdAt)])
            } else {
                try connection.execute(SiteSQL.update, changeable(site))
            }
            return site
        }
        onChange(.site(id))
        return written
    }

    package func deleteSite(_ id: UUID, in workspace: Workspace) async throws -> Bool {
        let deleted = try await database.write { connection in
            guard let row = try connection.row(SiteSQL.owner, [.id(id)]), row.values == [.workspace(workspace)] else {
                return false
            }
            if try connection.row(SiteSQL.user, [.id(id)]) != nil {
                throw StoreError.conflict("An instance names this site.")
            }
            return try connection.execute(SiteSQL.delete, [.id(id)]) == 1
        }
        if deleted { onChange(.site(id)) }
        return deleted
    }

    /// Does not reveal which workspace owns the id.
    static func siteIsTaken(_ id: UUID) -> String { "The site id \(id.text) is not available." }

    private func changeable(_ site: Site) -> [SQLValue] {
        var authority: String?
        var digest: [UInt8]?
        switch site.router?.trust {
        case .authority(let pem): authority = pem
        case .pinned(let sha256): digest = sha256
        case .system, nil: break
        }
        return [
            .id(site.id), .workspace(site.workspace), .text(site.name), .text(site.router?.driver.rawValue),
            .text(site.router?.url), .text(site.router?.username),
            seal(site.router?.password, for: Self.sitePurpose("password", site.id)), .text(authority),
            digest.map { .blob($0) } ?? .null, seal(site.router?.fasKey, for: Self.sitePurpose("fas-key", site.id)),
        ]
    }

    private func site(_ row: SQLRow) throws -> Site {
        var reader = RowReader(row)
        let id = try reader.id()
        let workspace = try reader.workspace()
        let name = try reader.optional { try $0.text() }
        let router = try router(&reader, of: id)
        return Site(id: id, workspace: workspace, name: name, router: router, createdAt: try reader.date())
    }

    private func router(_ reader: inout RowReader, of id: UUID) throws -> RouterSettings? {
        let driver = try reader.optional { try $0.word(RouterSettings.Driver.self) }
        let url = try reader.optional { try $0.text() }
        let username = try reader.optional { try $0.text() }
        let password = try reader.optional { open(try $0.bytes(), for: Self.sitePurpose("password", id)) }
        let authority = try reader.optional { try $0.text() }
        let digest = try reader.optional { try $0.bytes() }
        let fasKey = try reader.optional { open(try $0.bytes(), for: Self.sitePurpose("fas-key", id)) }
        return driver.map {
            RouterSettings(
                driver: $0, url: url, username: username, password: password,
                trust: authority.map { .authority(pem: $0) } ?? digest.map { .pinned(sha256: $0) } ?? .system,
                fasKey: fasKey)
        }
    }

    static func sitePurpose(_ secret: String, _ id: UUID) -> String { "site-router-\(secret):\(id.text)" }
}

/// Statements on `sites`.
enum SiteSQL {
    private static let columns = """
        id, workspace, name, driver, url, username, password, authority, pinned_digest, fas_key, created_at
        """

    static let page = """
        SELECT \(columns) FROM sites WHERE workspace = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let one = "SELECT \(columns) FROM sites WHERE id = ?1"
    static let withRouter = "SELECT \(columns) FROM sites WHERE driver IS NOT NULL ORDER BY id"
    /// Arguments of both: id, workspace, name, driver, url, username, password, authority, digest, key;
    /// `insert` adds the time.
    static let insert = "INSERT INTO sites (\(columns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    static let update = """
        UPDATE sites SET name = ?3, driver = ?4, url = ?5, username = ?6, password = ?7, authority = ?8,
            pinned_digest = ?9, fas_key = ?10
        WHERE id = ?1 AND workspace = ?2
        """
    static let register = """
        INSERT INTO sites (id, workspace, created_at) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING
        """
    static let owner = "SELECT workspace FROM sites WHERE id = ?1"
    static let delete = "DELETE FROM sites WHERE id = ?1"
    static let user = "SELECT instance_id FROM claims WHERE site_id = ?1 LIMIT 1"
}
