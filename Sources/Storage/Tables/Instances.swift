package import Captive
package import Foundation
import NetworkAddress

extension Store {
    /// Newest first.
    package func instances(in workspace: Workspace, page: ListPage) async throws -> [Instance] {
        try await database.read { connection in
            try connection.rows(InstanceSQL.page, [.workspace(workspace)] + page.arguments)
                .map { try Self.instance($0, connection) }
        }
    }

    /// Returns nil if the workspace has no such instance.
    package func instance(_ id: UUID, in workspace: Workspace) async throws -> Instance? {
        guard let instance = try await instance(id), instance.workspace == workspace else { return nil }
        return instance
    }

    /// For guest pages, which are not restricted to a workspace.
    package func instance(_ id: UUID) async throws -> Instance? {
        try await database.read { try Self.instance(id, $0) }
    }

    /// All instances of a site, in all workspaces.
    package func instances(at siteID: UUID) async throws -> [Instance] {
        try await database.read { connection in
            try connection.rows(InstanceSQL.atSite, [.id(siteID)]).map { try Self.instance($0, connection) }
        }
    }

    /// All subnets of all sites with their instances, which decide the instance of an address.
    package func claims() async throws -> [SubnetClaim] {
        try await database.read { connection in
            try connection.rows(InstanceSQL.allClaims, []).map { row in
                var reader = RowReader(row)
                return SubnetClaim(
                    siteID: try reader.id(), subnet: try Self.subnet(&reader), instanceID: try reader.id(),
                    workspace: try reader.workspace())
            }
        }
    }

    /// Creates new sites as needed. Throws `StoreError.conflict` if a subnet overlaps that of another instance at the
    /// same site, or if a site belongs to another workspace.
    package func create(_ instance: Instance) async throws {
        try await database.write { connection in
            guard try connection.row(InstanceSQL.workspace, [.id(instance.id)]) == nil else {
                throw StoreError.conflict("An instance has this id already.")
            }
            try Self.check(instance, now: instance.createdAt, connection)
            try connection.execute(InstanceSQL.insert, InstanceRow.arguments(instance))
            try Self.claim(instance, connection)
        }
        onChange(.instance(instance.id))
        tellGardens(from: nil, to: instance)
    }

    /// Applies `change` in one transaction, with the checks of `create`, and returns the result. Throws
    /// `StoreError.notFound` if the workspace has no such instance. Rethrows errors of `change`.
    package func update(
        _ id: UUID, in workspace: Workspace, _ change: @Sendable @escaping (inout Instance) throws -> Void
    ) async throws -> Instance {
        let (before, changed) = try await database.write { connection in
            guard var instance = try Self.instance(id, connection), instance.workspace == workspace else {
                throw StoreError.notFound
            }
            let before = instance
            let revision = instance.revision + 1
            try change(&instance)
            instance.revision = revision
            try Self.check(instance, now: Date(), connection)
            try connection.execute(InstanceSQL.update, InstanceRow.arguments(instance))
            try connection.execute(InstanceSQL.deleteClaims, [.id(id)])
            try Self.claim(instance, connection)
            return (before, instance)
        }
        onChange(.instance(id))
        tellGardens(from: before, to: changed)
        return changed
    }

    /// Deletes the instance and its coupons, and keeps the records of sessions. Returns false if there was none.
    package func deleteInstance(_ id: UUID, in workspace: Workspace) async throws -> Bool {
        let (deleted, marked) = try await database.write { connection -> (Instance?, [SiteDevice]) in
            guard let instance = try Self.instance(id, connection), instance.workspace == workspace else {
                return (nil, [])
            }
            let running = try connection.rows(SessionSQL.runningOfInstance, [.id(id)]).map(SessionRow.session)
            let marked = try running.flatMap { try end($0, reason: .instanceDeleted, now: Date(), connection) }
            try connection.execute(InstanceSQL.delete, [.id(id)])
            return (instance, marked)
        }
        guard let deleted else { return false }
        onChange(.instance(id))
        tellGardens(from: deleted, to: nil)
        if !marked.isEmpty { onChange(.pending(marked)) }
        return true
    }

    /// Reports the sites whose walled gardens may change, because an instance opens its identity provider at its sites.
    private func tellGardens(from before: Instance?, to after: Instance?) {
        let (old, new) = (before?.sites.map(\.siteID) ?? [], after?.sites.map(\.siteID) ?? [])
        guard before?.integrationID != after?.integrationID || old != new, !(old + new).isEmpty else { return }
        onChange(.garden(Set(old + new)))
    }

    static func instance(_ id: UUID, _ connection: any SQLConnection) throws -> Instance? {
        try connection.row(InstanceSQL.one, [.id(id)]).map { try instance($0, connection) }
    }

    private static func instance(_ row: SQLRow, _ connection: any SQLConnection) throws -> Instance {
        var sites: [Instance.SiteSubnets] = []
        for claim in try connection.rows(InstanceSQL.claimsOf, [row.values[0]]) {
            var reader = RowReader(claim)
            let position = try reader.integer()
            let siteID = try reader.id()
            if position >= sites.count { sites.append(Instance.SiteSubnets(siteID: siteID, subnets: [])) }
            if !reader.isAtNull { sites[sites.count - 1].subnets.append(try subnet(&reader)) }
        }
        return try InstanceRow.instance(row, sites: sites)
    }

    private static func subnet(_ reader: inout RowReader) throws -> Subnet {
        try Subnet(try reader.text()) ?? reader.damaged("subnet")
    }
}

/// Statements on `instances` and `claims`.
enum InstanceSQL {
    private static let columns = """
        id, workspace, name, strategy, session_ttl, auth_window_ttl, coupon_ttl, integration_id, colors, logo_id, logo_type,
        logo_width, logo_height, icon_id, icon_type, icon_width, icon_height, terms_text, locale, created_at, revision,
        venue_info_url
        """

    static let page = """
        SELECT \(columns) FROM instances WHERE workspace = ?1 AND (created_at, id) < (?2, ?3)
        ORDER BY created_at DESC, id DESC LIMIT ?4
        """
    static let one = "SELECT \(columns) FROM instances WHERE id = ?1"
    static let atSite = """
        SELECT \(columns) FROM instances WHERE id IN (SELECT instance_id FROM claims WHERE site_id = ?1)
        ORDER BY created_at DESC, id DESC
        """
    static let insert = """
        INSERT INTO instances (\(columns))
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21,
                ?22)
        """
    /// Arguments as `insert`; does not change workspace and creation time.
    static let update = """
        UPDATE instances SET name = ?3, strategy = ?4, session_ttl = ?5, auth_window_ttl = ?6, coupon_ttl = ?7,
            integration_id = ?8, colors = ?9, logo_id = ?10, logo_type = ?11, logo_width = ?12, logo_height = ?13,
            icon_id = ?14, icon_type = ?15, icon_width = ?16, icon_height = ?17, terms_text = ?18, locale = ?19,
            revision = ?21, venue_info_url = ?22
        WHERE id = ?1 AND workspace = ?2 AND created_at = ?20
        """
    static let delete = "DELETE FROM instances WHERE id = ?1"
    static let workspace = "SELECT workspace FROM instances WHERE id = ?1"
    static let integrationOwner = "SELECT workspace FROM integrations WHERE id = ?1"

    static let allClaims = """
        SELECT claims.site_id, claims.subnet, claims.instance_id, instances.workspace
        FROM claims JOIN instances ON instances.id = claims.instance_id
        WHERE claims.subnet IS NOT NULL ORDER BY claims.site_id
        """
    static let claimsOf =
        "SELECT site_position, site_id, subnet FROM claims WHERE instance_id = ?1 ORDER BY site_position, position"
    static let claimsAt = "SELECT subnet FROM claims WHERE site_id = ?1 AND instance_id <> ?2 AND subnet IS NOT NULL"
    static let insertClaim = """
        INSERT INTO claims (instance_id, site_position, position, site_id, subnet) VALUES (?1, ?2, ?3, ?4, ?5)
        """
    static let deleteClaims = "DELETE FROM claims WHERE instance_id = ?1"
}

/// An instance as a row of `instances`, without its sites.
enum InstanceRow {
    static func arguments(_ instance: Instance) -> [SQLValue] {
        [
            .id(instance.id), .workspace(instance.workspace), .text(instance.name), .text(instance.strategy.rawValue),
            .integer(instance.sessionTTL), .integer(instance.authWindowTTL), .integer(instance.couponTTL),
            .id(instance.integrationID), .text(colors(instance.theme)),
        ] + image(instance.theme.logo) + image(instance.theme.icon) + [
            .text(instance.termsText), .text(instance.locale), .date(instance.createdAt), .integer(instance.revision),
            .text(instance.venueInfoURL?.description),
        ]
    }

    static func instance(_ row: SQLRow, sites: [Instance.SiteSubnets]) throws -> Instance {
        var reader = RowReader(row)
        var instance = Instance(
            id: try reader.id(), workspace: try reader.workspace(), name: try reader.text(),
            strategy: try reader.word(), sessionTTL: try reader.integer(), authWindowTTL: try reader.integer(),
            couponTTL: try reader.integer(), integrationID: try reader.optional { try $0.id() },
            theme: try theme(&reader), termsText: try reader.optional { try $0.text() }, locale: try reader.text(),
            sites: sites, createdAt: try reader.date(), revision: try reader.integer())
        instance.venueInfoURL = try reader.optional { try $0.text() }.flatMap(VenueInfoURL.init)
        return instance
    }

    /// The colours in the order of the column `colors`, which separates them by spaces.
    private static let colorPaths: [any WritableKeyPath<Theme, Color> & Sendable] = [
        \.accentText, \.accentColor, \.textColor, \.secondaryTextColor, \.backgroundColor, \.borderColor, \.boxColor,
    ]

    private static func colors(_ theme: Theme) -> String {
        colorPaths.map { theme[keyPath: $0].description }.joined(separator: " ")
    }

    private static func theme(_ reader: inout RowReader) throws -> Theme {
        var theme = Theme()
        let colors = try reader.text().split(separator: " ").compactMap { Color(String($0)) }
        guard colors.count == colorPaths.count else { return try reader.damaged("theme") }
        for (path, color) in zip(colorPaths, colors) { theme[keyPath: path] = color }
        theme.logo = try image(&reader)
        theme.icon = try image(&reader)
        return theme
    }

    private static func image(_ image: ThemeImage?) -> [SQLValue] {
        guard let image else { return [.null, .null, .null, .null] }
        return [.id(image.id), .text(image.mediaType), .integer(image.width), .integer(image.height)]
    }

    private static func image(_ reader: inout RowReader) throws -> ThemeImage? {
        let id = try reader.optional { try $0.id() }
        let mediaType = try reader.optional { try $0.text() }
        let width = try reader.optional { try $0.integer() }
        let height = try reader.optional { try $0.integer() }
        guard let id, let mediaType, let width, let height else { return nil }
        return ThemeImage(id: id, mediaType: mediaType, width: width, height: height)
    }
}
