internal import Captive
internal import Foundation
internal import NetworkAddress

/// What a router holds against what the books say: a pure function of the two.
///
/// The list is taken first and the books are read after it, and a session is in the books before any order of it is
/// delivered. So whoever is on the list and in no book has no stay, whatever is under way.
struct RouterComparison: Equatable {
    /// Active sessions that the router does not hold, or not for the time that they have left.
    private(set) var missing: [GuestSession] = []
    /// What the router holds by the portal's mark for nobody's session.
    private(set) var strangers: [GatewayEntry] = []
    /// Whether the router lacks a session that was confirmed too lately to judge: it may be under way, or lost in a
    /// restart.
    private(set) var isEarly = false

    /// Seconds by which the router's clock may differ from the books'.
    static let tolerance = 60
    /// Seconds: one that ends sooner, or was confirmed later, is left as it is.
    static let worthwhile = 10

    /// - Parameter asked: when the router was asked.
    init(held: [GatewayEntry], sessions: [GuestSession], asked: Date) {
        let byDevice = Dictionary(grouping: held, by: \.mac)
        let devices = Set(sessions.map(\.client.mac))
        strangers = held.filter { !devices.contains($0.mac) }
        let lost = sessions.filter { session in
            guard session.status == .active, session.secondsLeft(at: asked) > Self.worthwhile else { return false }
            let left = session.secondsLeft(at: asked)
            return byDevice[session.client.mac]?.contains { Self.holds($0, session, left) } != true
        }
        missing = lost.filter { Self.isSettled($0, asked) }
        isEarly = missing.count < lost.count
    }

    private static func holds(_ entry: GatewayEntry, _ session: GuestSession, _ left: Int) -> Bool {
        entry.letsThrough(session.client) && entry.secondsLeft.map { abs($0 - left) <= tolerance } ?? true
    }

    private static func isSettled(_ session: GuestSession, _ asked: Date) -> Bool {
        session.authorizedAt.map { asked.timeIntervalSince($0) >= Double(worthwhile) } ?? false
    }
}
