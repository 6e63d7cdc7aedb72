import Captive
import Foundation

/// A session as a row of `SessionSQL.columns`.
enum SessionRow {
    static func session(_ row: SQLRow) throws -> GuestSession {
        var reader = RowReader(row)
        return try session(&reader)
    }

    static func session(_ reader: inout RowReader) throws -> GuestSession {
        GuestSession(
            id: try reader.id(), siteID: try reader.id(), instanceID: try reader.id(),
            workspace: try reader.workspace(), client: GatewayClient(mac: try reader.mac(), ip: try reader.ip()),
            status: try reader.word(), reason: try reader.optional { try $0.text() }, strategy: try reader.word(),
            couponID: try reader.optional { try $0.id() }, identity: try identity(&reader),
            device: try reader.optional { try $0.text() }, ttl: try reader.integer(), createdAt: try reader.date(),
            authorizedAt: try reader.optional { try $0.date() }, expiresAt: try reader.date(),
            endedAt: try reader.optional { try $0.date() }, moves: try reader.integer(),
            resumeLookup: try reader.optional { try Int64($0.integer()) },
            replaces: try reader.optional { try $0.id() }, awaitingSince: try reader.optional { try $0.date() },
            move: try move(&reader))
    }

    static func arguments(_ session: GuestSession) -> [SQLValue] {
        [
            .id(session.id), .id(session.siteID), .id(session.instanceID), .workspace(session.workspace),
            .mac(session.client.mac), .ip(session.client.ip), .text(session.status.rawValue), .text(session.reason),
            .text(session.strategy.rawValue), .id(session.couponID), .text(session.identity?.provider.rawValue),
            .text(session.identity?.subject), .text(session.identity?.email), .text(session.identity?.name),
            .text(session.device), .integer(session.ttl), .date(session.createdAt), .date(session.authorizedAt),
            .date(session.expiresAt), .date(session.endedAt), .integer(session.moves),
            session.resumeLookup.map { .integer($0) } ?? .null, .id(session.replaces),
        ] + pending(session)
    }

    /// The arguments of `SessionSQL.update`.
    static func changes(_ session: GuestSession) -> [SQLValue] {
        [
            .id(session.id), .mac(session.client.mac), .ip(session.client.ip), .text(session.status.rawValue),
            .text(session.reason), .integer(session.ttl), .date(session.authorizedAt), .date(session.expiresAt),
            .date(session.endedAt), .integer(session.moves), session.resumeLookup.map { .integer($0) } ?? .null,
        ] + pending(session) + [.id(session.replaces)]
    }

    private static func pending(_ session: GuestSession) -> [SQLValue] {
        let client = session.move?.client
        return [
            .date(session.awaitingSince), client.map { .mac($0.mac) } ?? .null, client.map { .ip($0.ip) } ?? .null,
            .date(session.move?.since),
        ]
    }

    private static func move(_ reader: inout RowReader) throws -> GuestSession.PendingMove? {
        let mac = try reader.optional { try $0.mac() }
        let ip = try reader.optional { try $0.ip() }
        let since = try reader.optional { try $0.date() }
        guard let mac, let ip, let since else { return nil }
        return GuestSession.PendingMove(client: GatewayClient(mac: mac, ip: ip), since: since)
    }

    private static func identity(_ reader: inout RowReader) throws -> GuestSession.Identity? {
        let provider = try reader.optional { try $0.word(AuthIntegration.Provider.self) }
        let subject = try reader.optional { try $0.text() }
        let email = try reader.optional { try $0.text() }
        let name = try reader.optional { try $0.text() }
        guard let provider, let subject else { return nil }
        return GuestSession.Identity(provider: provider, subject: subject, email: email, name: name)
    }
}
