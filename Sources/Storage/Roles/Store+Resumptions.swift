package import Captive
package import Foundation
package import NetworkAddress

extension Store: ResumptionStore {
    package func resumable(_ resumption: Resumption) async throws -> GuestSession? {
        try await database.glance { [resumeCodes] in try Self.session(for: resumption, resumeCodes, $0) }
    }

    package func resume(_ resumption: Resumption) async throws -> Resumption.Outcome {
        try await guests.write { [resumeCodes] connection in
            var resumption = resumption
            resumption.now = resumption.now.kept
            guard let session = try Self.session(for: resumption, resumeCodes, connection) else { return .unknown }
            if let own = try Self.longerStay(than: session, resumption, connection) { return .occupied(own) }
            if let until = try Self.pause(of: session, resumption, connection) { return .tooOften(until: until) }
            return try Self.move(session, resumption, resumeCodes, connection)
        }
    }

    package func departure(
        from device: MACAddress, at siteID: UUID, of instanceID: Instance.ID, now: Date
    ) async throws -> Date? {
        try await database.glance { connection in
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
            case .mark(let id, _): try session(id, connection).map { [$0] } ?? []
            case .code(let code):
                try resumeCodes.lookups(of: code).flatMap {
                    try connection.rows(SessionSQL.resumable, [.integer($0)]).map(SessionRow.session)
                }
            }
        return found.first(where: resumption.applies)
    }

    /// The stay of the device itself that outlasts `session`: who names another's device must not shorten its time.
    private static func longerStay(
        than session: GuestSession, _ resumption: Resumption, _ connection: any SQLConnection
    ) throws -> GuestSession? {
        var there = session
        there.client = resumption.client
        return try others(than: there, connection).first {
            $0.status == .active && $0.isRunning(at: resumption.now) && $0.expiresAt > session.expiresAt
        }
    }

    /// The time from which the session may move again; nil if it may now.
    private static func pause(
        of session: GuestSession, _ resumption: Resumption, _ connection: any SQLConnection
    ) throws -> Date? {
        guard session.client.mac != resumption.client.mac else { return nil }
        let start = resumption.now.addingTimeInterval(-Resumption.window)
        let rows = try connection.rows(SessionSQL.movesSince, [.id(session.id), .date(start)])
        guard rows.count >= Resumption.limit else { return nil }
        var reader = RowReader(rows[rows.count - Resumption.limit])
        return try reader.date().addingTimeInterval(Resumption.window)
    }

    private static func move(
        _ session: GuestSession, _ resumption: Resumption, _ resumeCodes: ResumeCodes,
        _ connection: any SQLConnection
    ) throws -> Resumption.Outcome {
        var moved = session
        var orders: [GatewayOrder] = []
        try dropOrders(of: session, connection)
        if session.client.mac != resumption.client.mac {
            try connection.execute(
                SessionSQL.leavePlace,
                [.id(session.id), .date(resumption.now), .mac(session.client.mac), .ip(session.client.ip)])
            orders.append(try revoke(session, now: resumption.now, connection))
            moved.moves += 1
            moved.resumeLookup = session.resumeLookup.map { _ in
                resumeCodes.lookup(of: session.id, moves: moved.moves)
            }
        }
        moved.client = resumption.client
        try replaceTries(than: moved, now: resumption.now, connection)
        try connection.execute(SessionSQL.resume, arguments(moved))
        orders.append(try authorize(moved, as: UUID(), now: resumption.now, connection))
        return .resumed(moved, orders)
    }

    private static func arguments(_ session: GuestSession) -> [SQLValue] {
        [
            .id(session.id), .mac(session.client.mac), .ip(session.client.ip), .integer(session.moves),
            session.resumeLookup.map { .integer($0) } ?? .null,
        ]
    }
}
