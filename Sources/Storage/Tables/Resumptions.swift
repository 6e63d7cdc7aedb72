package import Captive
package import Foundation
package import NetworkAddress

extension Store {
    /// Returns the session that the proof names if it can move here now. Changes nothing.
    package func resumable(_ resumption: Resumption) async throws -> GuestSession? {
        try await database.readInline { [resumeCodes] in try Self.session(for: resumption, resumeCodes, $0) }
    }

    /// Applies `SessionLifecycle.resume` in one transaction. Returns when it is on disk.
    package func resume(_ resumption: Resumption) async throws -> Resumption.Outcome {
        try await change { connection in
            let now = resumption.now.kept
            guard let session = try Self.session(for: resumption, resumeCodes, connection) else {
                return (.unknown, [])
            }
            let device = SiteDevice(siteID: resumption.siteID, mac: resumption.client.mac)
            var lifecycle = try Self.lifecycle(of: device, resumeCodes, now: now, connection)
            let moves = try Self.recentMoves(of: session, now: now, connection)
            let outcome = lifecycle.resume(session, resumption, moves: moves)
            return (outcome, try write(lifecycle, connection))
        }
    }

    /// Returns when a running session of the instance last moved from `device` at the site to another device; nil if
    /// none did.
    package func departure(
        from device: MACAddress, at siteID: UUID, of instanceID: Instance.ID, now: Date
    ) async throws -> Date? {
        try await database.readInline { connection in
            let place: [SQLValue] = [.mac(device), .id(siteID), .id(instanceID), .date(now)]
            guard let row = try connection.row(SessionSQL.departure, place) else { return nil }
            var reader = RowReader(row)
            return try reader.date()
        }
    }

    private static func session(
        for resumption: Resumption, _ resumeCodes: ResumeCodes, _ connection: any SQLConnection
    ) throws -> GuestSession? {
        let found: [GuestSession] =
            switch resumption.proof {
            case .mark(let mark): try session(mark.sessionID, connection).map { [$0] } ?? []
            case .code(let code):
                try resumeCodes.lookups(of: code).flatMap {
                    try connection.rows(SessionSQL.resumable, [.integer($0)]).map(SessionRow.session)
                }
            }
        return found.first(where: resumption.applies)
    }
}
