import Captive
import Foundation

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
