import Captive
import Foundation
import NetworkAddress

/// The subnets of instances, checked and written in the transaction that writes the instance.
extension Store {
    /// Creates missing sites. Throws `StoreError.conflict` if another row excludes the instance. Checks the workspace
    /// of the sites first, so that the error reveals nothing about the subnets of another workspace.
    static func check(_ instance: Instance, now: Date, _ connection: any SQLConnection) throws {
        try checkIntegration(instance, connection)
        for site in instance.sites { try register(site.siteID, in: instance.workspace, now: now, connection) }
        try checkSubnets(instance, connection)
    }

    private static func checkIntegration(_ instance: Instance, _ connection: any SQLConnection) throws {
        if let integrationID = instance.integrationID {
            let owner = try connection.row(InstanceSQL.integrationOwner, [.id(integrationID)])
            guard owner?.values == [.workspace(instance.workspace)] else {
                throw StoreError.conflict("There is no integration \(integrationID.text).")
            }
        }
    }

    private static func checkSubnets(_ instance: Instance, _ connection: any SQLConnection) throws {
        var seen: [UUID: [Subnet]] = [:]
        for site in instance.sites {
            let taken = try claimed(at: site.siteID, besides: instance.id, connection)
            for subnet in site.subnets {
                if let other = (taken + seen[site.siteID, default: []]).first(where: subnet.overlaps) {
                    throw StoreError.conflict(
                        "Subnet \(subnet) of site \(site.siteID.text) overlaps \(other), which is claimed already.")
                }
                seen[site.siteID, default: []].append(subnet)
            }
        }
    }

    /// Writes the subnets of a checked instance.
    static func claim(_ instance: Instance, _ connection: any SQLConnection) throws {
        for (sitePosition, site) in instance.sites.enumerated() {
            let subnets: [Subnet?] = site.subnets.isEmpty ? [nil] : site.subnets
            for (position, subnet) in subnets.enumerated() {
                try connection.execute(
                    InstanceSQL.insertClaim,
                    [
                        .id(instance.id), .integer(sitePosition), .integer(position), .id(site.siteID),
                        .text(subnet?.description),
                    ])
            }
        }
    }

    private static func register(
        _ siteID: UUID, in workspace: Workspace, now: Date, _ connection: any SQLConnection
    ) throws {
        try connection.execute(SiteSQL.register, [.id(siteID), .workspace(workspace), .date(now)])
        guard try connection.row(SiteSQL.owner, [.id(siteID)])?.values == [.workspace(workspace)] else {
            throw StoreError.conflict(siteIsTaken(siteID))
        }
    }

    private static func claimed(
        at siteID: UUID, besides instanceID: UUID, _ connection: any SQLConnection
    ) throws -> [Subnet] {
        try connection.rows(InstanceSQL.claimsAt, [.id(siteID), .id(instanceID)]).map { row in
            var reader = RowReader(row)
            return try Subnet(try reader.text()) ?? reader.damaged("subnet")
        }
    }
}
