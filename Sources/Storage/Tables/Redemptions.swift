package import Captive
import Foundation

extension Store {
    /// Applies `SessionLifecycle.redeem` in one transaction, which other redemptions may share. Returns when it is on
    /// disk.
    package func redeem(_ redemption: Redemption) async throws -> Redemption.Outcome {
        try await change { connection in
            var redemption = redemption
            redemption.now = redemption.now.kept
            let device = SiteDevice(siteID: redemption.siteID, mac: redemption.client.mac)
            var lifecycle = try Self.lifecycle(of: device, resumeCodes, now: redemption.now, connection)
            let outcome = lifecycle.redeem(redemption, candidates: try Self.candidates(for: redemption, connection))
            return (outcome, try write(lifecycle, connection))
        }
    }

    private static func candidates(
        for redemption: Redemption, _ connection: any SQLConnection
    ) throws -> [Redemption.Candidate] {
        let arguments: [SQLValue] = [.text(redemption.code.rawValue), .workspace(redemption.instance.workspace)]
        return try connection.rows(CouponSQL.candidates, arguments).map { row in
            var reader = RowReader(row)
            let coupon = try CouponRow.coupon(&reader)
            guard !reader.isAtNull else { return Redemption.Candidate(coupon: coupon, session: nil) }
            let session = try SessionRow.session(&reader)
            let moves =
                session.canReturn(at: redemption.now)
                ? try recentMoves(of: session, now: redemption.now, connection) : []
            return Redemption.Candidate(
                coupon: coupon, session: session, heir: try heir(of: session, connection), moves: moves)
        }
    }

    /// Returns the session that has taken over the time of `session`; nil if none has.
    private static func heir(of session: GuestSession, _ connection: any SQLConnection) throws -> GuestSession? {
        guard session.hasEnded(.replaced),
            let next = try connection.row(SessionSQL.successor, [.id(session.id)]).map(SessionRow.session),
            next.instanceID == session.instanceID
        else { return nil }
        return try heir(of: next, connection) ?? next
    }
}
