package import Captive
package import Foundation
package import NetworkAddress

extension Store: ResumptionStore {
    package func resumable(_ resumption: Resumption) async throws -> GuestSession? {
        try await database.glance { [resumeCodes] in try Self.session(for: resumption, resumeCodes, $0) }
    }

    package func resume(_ resumption: Resumption) async throws -> Resumption.Outcome {
        try await guests.write { [resumeCodes] connection in
            let (client, now) = (resumption.client, resumption.now.kept)
            guard let session = try Self.session(for: resumption, resumeCodes, connection) else { return .unknown }
            let device = try Self.running(client, at: resumption.siteID, connection)
            let own = device.first { $0.status == .active && $0.isRunning(at: now) && $0.id != session.id }
            if let own { return .occupied(own) }
            if let until = try Self.pause(of: session, to: client, now, connection) { return .tooOften(until: until) }
            try Self.replaceTries(with: session, at: client, among: device, resumption.ownership, now: now, connection)
            guard session.endedAt == nil else {
                let (back, order) = try Self.bringBack(session, to: client, now, resumeCodes, connection)
                return .resumed(back, order)
            }
            return .resumed(session, try Self.letThrough(session, at: client, now, connection))
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
            case .mark(let mark): try session(mark.sessionID, connection).map { [$0] } ?? []
            case .code(let code):
                try resumeCodes.lookups(of: code).flatMap {
                    try connection.rows(SessionSQL.resumable, [.integer($0)]).map(SessionRow.session)
                }
            }
        return found.first(where: resumption.applies)
    }

    /// The time from which the session may move again; nil if it may now.
    static func pause(
        of session: GuestSession, to client: GatewayClient, _ now: Date, _ connection: any SQLConnection
    ) throws -> Date? {
        guard session.client.mac != client.mac else { return nil }
        let start = now.addingTimeInterval(-Resumption.window)
        let rows = try connection.rows(SessionSQL.movesSince, [.id(session.id), .date(start)])
        guard rows.count >= Resumption.limit else { return nil }
        var reader = RowReader(rows[rows.count - Resumption.limit])
        return try reader.date().addingTimeInterval(Resumption.window)
    }

    /// Writes the order to let an active session through at `client`. At its own device it has that address from now
    /// on; at another device it moves when the router has confirmed that, and one such order waits at a time.
    private static func letThrough(
        _ session: GuestSession, at client: GatewayClient, _ now: Date, _ connection: any SQLConnection
    ) throws -> GatewayOrder {
        var there = session
        there.client = client
        try dropOrders(of: there, connection)
        if session.client.mac == client.mac {
            try connection.execute(SessionSQL.move, [.id(session.id), .mac(client.mac), .ip(client.ip)])
        }
        return try authorize(there, as: UUID(), now: now, connection)
    }

    /// A session that was signed out of is active again, at `client`; the router is still to let it through.
    static func bringBack(
        _ session: GuestSession, to client: GatewayClient, _ now: Date, _ resumeCodes: ResumeCodes,
        _ connection: any SQLConnection
    ) throws -> (GuestSession, GatewayOrder) {
        try connection.execute(SessionSQL.bringBack, [.id(session.id)])
        if session.client.mac == client.mac { try dropOrders(of: session, connection) }
        var back = try changePlace(of: session, to: client, now, resumeCodes, connection)
        (back.status, back.reason, back.endedAt) = (.active, nil, nil)
        return (back, try authorize(back, as: UUID(), now: now, connection))
    }

    /// The session is at `client` from now on. Another MAC address counts as a move, which makes a new resume code.
    static func changePlace(
        of session: GuestSession, to client: GatewayClient, _ now: Date, _ resumeCodes: ResumeCodes,
        _ connection: any SQLConnection
    ) throws -> GuestSession {
        var moved = session
        moved.client = client
        if session.client.mac != client.mac {
            let place: [SQLValue] = [.mac(session.client.mac), .ip(session.client.ip)]
            try connection.execute(SessionSQL.leavePlace, [.id(session.id), .date(now)] + place)
            moved.moves += 1
            moved.resumeLookup = session.resumeLookup.map { _ in
                resumeCodes.lookup(of: session.id, moves: moved.moves)
            }
        }
        try connection.execute(
            SessionSQL.changePlace,
            [
                .id(moved.id), .mac(moved.client.mac), .ip(moved.client.ip), .integer(moved.moves),
                moved.resumeLookup.map { .integer($0) } ?? .null,
            ])
        return moved
    }
}
