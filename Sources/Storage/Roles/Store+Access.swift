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
