package import Captive
package import Foundation

extension Store: AccessStore {
    /// Seconds for which a node that marks a device holds it.
    static let lease: TimeInterval = 60

    package func state(of device: SiteDevice) async throws -> DeviceState {
        try await database.readInline { try Self.state(of: device, $0) }
    }

    package func confirm(_ grant: AccessGrant, now: Date) async throws -> Bool {
        try await settle(grant.device, now) { $0.confirm(grant) }
    }

    package func refuse(
        _ grant: AccessGrant, reason: String, mayHaveBegun: Bool, now: Date
    ) async throws -> Bool {
        try await settle(grant.device, now) { $0.refuse(grant, reason: reason, mayHaveBegun: mayHaveBegun) }
    }

    package func confirmRevocation(of device: SiteDevice, now: Date) async throws -> Bool {
        try await settle(device, now) { $0.confirmRevocation() }
    }

    package func settle(_ device: SiteDevice, now: Date) async throws -> Bool { try await settle(device, now) { _ in } }

    private func settle(
        _ device: SiteDevice, _ now: Date, _ event: @Sendable @escaping (inout SessionLifecycle) -> Void
    ) async throws -> Bool {
        try await change { connection in
            var lifecycle = try Self.lifecycle(of: device, resumeCodes, now: now, connection)
            event(&lifecycle)
            let isSettled = lifecycle.settle()
            return (isSettled, marked: try write(lifecycle, connection).filter { $0 != device })
        }
    }

    package func expireSessions(now: Date, limit: Int) async throws -> Int {
        try await change { connection in
            let over = try connection.rows(SessionSQL.over, [.date(now), .integer(limit)]).map(SessionRow.session)
            var marked: [SiteDevice] = []
            for session in over {
                var lifecycle = SessionLifecycle(
                    DeviceState(device: session.siteDevice), resumeCodes: resumeCodes, now: now.kept)
                lifecycle.expire(session)
                marked += try write(lifecycle, connection)
            }
            return (over.count, marked)
        }
    }

    package func claimPending(lease: TimeInterval, limit: Int, now: Date) async throws -> [SiteDevice] {
        try await guests.write { connection in
            let arguments: [SQLValue] = [.text(node), .date(now), .integer(limit)]
            return try connection.rows(PendingDeviceSQL.claimable, arguments).map { row in
                let device = try PendingDeviceRow.device(row).device
                let claim: [SQLValue] = [.text(node), .date(now.addingTimeInterval(lease))]
                try connection.execute(PendingDeviceSQL.claim, PendingDeviceRow.key(device) + claim)
                return device
            }
        }
    }
}

/// Statements on `pending_devices`.
enum PendingDeviceSQL {
    private static let columns = "site_id, mac, ip, since, revoke_until"

    static let one = "SELECT \(columns) FROM pending_devices WHERE site_id = ?1 AND mac = ?2"
    /// Merges a mark with an existing mark of the device; the later end of a revocation counts.
    static let mark = """
        INSERT INTO pending_devices (\(columns), claimed_by, claimed_until) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (site_id, mac) DO UPDATE SET ip = excluded.ip, revoke_until =
            CASE WHEN pending_devices.revoke_until IS NULL OR excluded.revoke_until > pending_devices.revoke_until
            THEN excluded.revoke_until ELSE pending_devices.revoke_until END
        """
    static let unmark = "DELETE FROM pending_devices WHERE site_id = ?1 AND mac = ?2"
    /// Devices that the node ?1 holds or that no node holds at the time ?2.
    static let claimable = """
        SELECT \(columns) FROM pending_devices
        WHERE claimed_by = ?1 OR claimed_until IS NULL OR claimed_until <= ?2
        ORDER BY since, site_id, mac LIMIT ?3
        """
    static let claim = "UPDATE pending_devices SET claimed_by = ?3, claimed_until = ?4 WHERE site_id = ?1 AND mac = ?2"
}

/// A device as a row of `PendingDeviceSQL.columns`.
enum PendingDeviceRow {
    static func device(_ row: SQLRow) throws -> PendingDevice {
        var reader = RowReader(row)
        return PendingDevice(
            device: SiteDevice(siteID: try reader.id(), mac: try reader.mac()), ip: try reader.ip(),
            since: try reader.date(), revokeUntil: try reader.optional { try $0.date() })
    }

    static func key(_ device: SiteDevice) -> [SQLValue] { [.id(device.siteID), .mac(device.mac)] }

    static func arguments(_ pending: PendingDevice) -> [SQLValue] {
        key(pending.device) + [.ip(pending.ip), .date(pending.since), .date(pending.revokeUntil)]
    }
}
