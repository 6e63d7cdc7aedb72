package import Captive
import Foundation

extension Store: RedemptionStore {
    package func redeem(_ redemption: Redemption) async throws -> Redemption.Outcome {
        try await guests.write { [resumeCodes] connection in
            var redemption = redemption
            redemption.now = redemption.now.kept
            switch redemption.verdict(on: try Self.candidates(for: redemption, connection)) {
            case .refuse(let refusal): return .refused(refusal)
            case .accept(let coupon): return try Self.accept(coupon, redemption, resumeCodes, connection)
            case .resume(let session): return try Self.resume(session, redemption, connection)
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
            return Redemption.Candidate(coupon: coupon, session: session)
        }
    }

    private static func accept(
        _ coupon: Coupon, _ redemption: Redemption, _ resumeCodes: ResumeCodes, _ connection: any SQLConnection
    ) throws -> Redemption.Outcome {
        let use: [SQLValue] = [.id(coupon.id), .date(redemption.now), .id(redemption.sessionID)]
        guard try connection.execute(CouponSQL.redeem, use) == 1 else { return .refused(.used) }
        var session = newSession(redemption, with: coupon)
        session.resumeLookup = resumeCodes.lookup(of: session.id, moves: 0)
        let others = try others(than: session, connection)
        let carried = redemption.carriedSeconds(from: others)
        session.ttl += carried
        session.expiresAt += Double(carried)
        try replaceTries(than: session, among: others, now: redemption.now, connection)
        try connection.execute(SessionSQL.insert, SessionRow.arguments(session))
        return .accepted(session, try authorize(session, redemption, connection))
    }

    private static func resume(
        _ running: GuestSession, _ redemption: Redemption, _ connection: any SQLConnection
    ) throws -> Redemption.Outcome {
        guard running.status == .connecting || running.client == redemption.client || redemption.isKnown else {
            return .mustBeKnown
        }
        var session = running
        session.client.ip = redemption.client.ip
        try dropOrders(of: running, connection)
        try replaceTries(than: session, now: redemption.now, connection)
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
