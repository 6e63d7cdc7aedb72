import Captive
import Foundation
import NetworkAddress

/// Loads the state from which `SessionLifecycle` decides, and writes its changes.
extension Store {
    /// Runs `body` in a transaction that other guests' changes may share. Reports the marked devices once it is on
    /// disk.
    func change<T: Sendable>(
        _ body: @Sendable @escaping (any SQLConnection) throws -> (T, marked: [SiteDevice])
    ) async throws -> T {
        let (result, marked) = try await guests.write(body)
        if !marked.isEmpty { onChange(.pending(marked)) }
        return result
    }

    /// Returns the life cycle of a device's sessions, with their stored state.
    static func lifecycle(
        of device: SiteDevice, _ resumeCodes: ResumeCodes, now: Date, _ connection: any SQLConnection
    ) throws -> SessionLifecycle {
        SessionLifecycle(try state(of: device, connection), resumeCodes: resumeCodes, now: now.kept)
    }

    static func state(of device: SiteDevice, _ connection: any SQLConnection) throws -> DeviceState {
        let key = PendingDeviceRow.key(device)
        let sessions = try connection.rows(SessionSQL.runningOfDevice, key) + connection.rows(SessionSQL.arriving, key)
        return DeviceState(
            device: device, sessions: try sessions.map(SessionRow.session),
            pending: try connection.row(PendingDeviceSQL.one, key).map(PendingDeviceRow.device))
    }

    /// Writes the changes. Returns the devices that were marked.
    func write(_ lifecycle: SessionLifecycle, _ connection: any SQLConnection) throws -> [SiteDevice] {
        for change in lifecycle.changes { try write(change, now: lifecycle.now, connection) }
        return lifecycle.marked
    }

    private func write(_ change: SessionChange, now: Date, _ connection: any SQLConnection) throws {
        switch change {
        case .insert(let session): try connection.execute(SessionSQL.insert, SessionRow.arguments(session))
        case .update(let session): try connection.execute(SessionSQL.update, SessionRow.changes(session))
        case .useCoupon(let coupon, let session):
            guard try connection.execute(CouponSQL.redeem, [.id(coupon), .date(now), .id(session)]) == 1 else {
                throw StorageError.refused("the coupon was used or has expired meanwhile")
            }
        case .returnCoupon(let coupon, let session):
            try connection.execute(CouponSQL.giveBack, [.id(coupon), .id(session)])
        case .recordMove(let session, let client):
            try connection.execute(
                SessionSQL.recordMove, [.id(session), .date(now), .mac(client.mac), .ip(client.ip)])
        case .mark(let pending):
            let claim: [SQLValue] = [.text(node), .date(now.addingTimeInterval(Self.lease))]
            try connection.execute(PendingDeviceSQL.mark, PendingDeviceRow.arguments(pending) + claim)
        case .unmark(let device): try connection.execute(PendingDeviceSQL.unmark, PendingDeviceRow.key(device))
        }
    }

    static func session(_ id: UUID, _ connection: any SQLConnection) throws -> GuestSession? {
        try connection.row(SessionSQL.one, [.id(id)]).map(SessionRow.session)
    }

    /// When the session moved in the last `Resumption.window` seconds, oldest first.
    static func recentMoves(
        of session: GuestSession, now: Date, _ connection: any SQLConnection
    ) throws -> [Date] {
        let start = now.addingTimeInterval(-Resumption.window)
        return try connection.rows(SessionSQL.movesSince, [.id(session.id), .date(start)]).map { row in
            var reader = RowReader(row)
            return try reader.date()
        }
    }
}
