package import Captive
import Foundation

extension Store: RedemptionStore {
    package func redeem(_ redemption: Redemption) async throws -> Redemption.Outcome {
        try await guests.write { [resumeCodes] connection in
            var redemption = redemption
            redemption.now = redemption.now.kept
            let candidates = try Self.candidates(for: redemption, connection)
            let device = try Self.running(redemption.client, at: redemption.siteID, connection)
            switch redemption.verdict(on: candidates, device: device) {
            case .refuse(let refusal): return .refused(refusal)
            case .mustBeKnown: return .mustBeKnown
            case .online(let session): return .online(session)
            case .accept(let coupon, let replaced):
                return try Self.accept(coupon, replacing: replaced, device, redemption, resumeCodes, connection)
            case .resume(let session): return try Self.resume(session, device, redemption, connection)
            case .bringBack(let session):
                if let until = try Self.pause(of: session, to: redemption.client, redemption.now, connection) {
                    return .tooOften(until: until)
                }
                let (back, order) = try Self.bringBack(
                    session, to: redemption.client, redemption.now, resumeCodes, connection)
                return .resumed(back, order)
            }
        }
    }

    private static func candidates(
        for redemption: Redemption, _ connection: any SQLConnection
    ) throws -> [Redemption.Candidate] {
        let arguments: [SQLValue] = [.text(redemption.code.rawValue), .workspace(redemption.instance.workspace)]
        return try connection.rows(CouponSQL.candidates, arguments).map { row in
            var reader = RowReader(row)
            let coupon = try CouponRow.coupon(&reader)
            let session = reader.isAtNull ? nil : try SessionRow.session(&reader)
            return Redemption.Candidate(
                coupon: coupon, session: session, heir: try session.flatMap { try heir(of: $0, connection) })
        }
    }

    /// The session that has the time of `session` now; nil if it has its time itself.
    private static func heir(of session: GuestSession, _ connection: any SQLConnection) throws -> GuestSession? {
        guard session.hasEnded(.replaced),
            let next = try connection.row(SessionSQL.successor, [.id(session.id)]).map(SessionRow.session),
            next.instanceID == session.instanceID
        else { return nil }
        return try heir(of: next, connection) ?? next
    }

    private static func accept(
        _ coupon: Coupon, replacing replaced: GuestSession?, _ device: [GuestSession], _ redemption: Redemption,
        _ resumeCodes: ResumeCodes, _ connection: any SQLConnection
    ) throws -> Redemption.Outcome {
        let use: [SQLValue] = [.id(coupon.id), .date(redemption.now), .id(redemption.sessionID)]
        guard try connection.execute(CouponSQL.redeem, use) == 1 else { return .refused(.inUse) }
        var session = newSession(redemption, with: coupon)
        session.resumeLookup = resumeCodes.lookup(of: session.id, moves: 0)
        session.replaces = replaced?.id
        try replaceTries(with: session, among: device, redemption.ownership, now: redemption.now, connection)
        try connection.execute(SessionSQL.insert, SessionRow.arguments(session))
        return .accepted(session, try authorize(session, redemption, connection))
    }

    private static func resume(
        _ running: GuestSession, _ device: [GuestSession], _ redemption: Redemption, _ connection: any SQLConnection
    ) throws -> Redemption.Outcome {
        var session = running
        session.client.ip = redemption.client.ip
        try dropOrders(of: running, connection)
        try replaceTries(with: session, among: device, redemption.ownership, now: redemption.now, connection)
        try connection.execute(SessionSQL.move, [.id(session.id), .mac(session.client.mac), .ip(session.client.ip)])
        return .resumed(session, try authorize(session, redemption, connection))
    }

    private static func authorize(
        _ session: GuestSession, _ redemption: Redemption, _ connection: any SQLConnection
    ) throws -> GatewayOrder {
        try authorize(session, as: redemption.orderID, now: redemption.now, connection)
    }

    private static func newSession(_ redemption: Redemption, with coupon: Coupon) -> GuestSession {
        let ttl = redemption.instance.sessionTTL
        return GuestSession(
            id: redemption.sessionID, siteID: redemption.siteID, instanceID: redemption.instance.id,
            workspace: redemption.instance.workspace, client: redemption.client, strategy: .coupon, couponID: coupon.id,
            device: redemption.device, ttl: ttl, createdAt: redemption.now,
            expiresAt: redemption.now.addingTimeInterval(Double(ttl)))
    }
}
