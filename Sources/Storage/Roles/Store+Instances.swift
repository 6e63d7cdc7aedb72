package import Captive
package import Foundation
import NetworkAddress

extension Store: InstanceStore {
    package func instances(in workspace: Workspace, page: ListPage) async throws -> [Instance] {
        try await database.read { connection in
            try connection.rows(InstanceSQL.page, [.workspace(workspace)] + page.arguments)
                .map { try Self.instance($0, connection) }
        }
    }

    package func instance(_ id: UUID, in workspace: Workspace) async throws -> Instance? {
        guard let instance = try await instance(id), instance.workspace == workspace else { return nil }
        return instance
    }

    package func instance(_ id: UUID) async throws -> Instance? {
        try await database.read { try Self.instance(id, $0) }
    }

    package func instances(at siteID: UUID) async throws -> [Instance] {
        try await database.read { connection in
            try connection.rows(InstanceSQL.atSite, [.id(siteID)]).map { try Self.instance($0, connection) }
        }
    }

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
