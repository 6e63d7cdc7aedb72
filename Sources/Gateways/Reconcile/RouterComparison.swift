internal import Captive
internal import Foundation
internal import NetworkAddress

/// The differences between what a router holds and the database: a pure function of both.
///
/// The router's list is read before the database, and a session is stored before the router is called for it. So a
/// device that is on the list and has no stored session has no session, whatever calls are in progress.
struct RouterComparison: Equatable {
    /// Active sessions that the router does not hold, or not for the time that they have left.
    private(set) var missing: [GuestSession] = []
    /// Entries with the portal's mark that belong to no session.
    private(set) var unknownDevices: [GatewayEntry] = []
    /// Whether the router lacks a session that was confirmed too recently to judge: the call may be in progress, or a
    /// restart may have lost it.
    private(set) var isEarly = false

    /// Maximum seconds by which the router's clock may differ from the database's.
    static let tolerance = 60
    /// Seconds. A session that ends within this time, or was confirmed within it, is not corrected.
    static let minimumRemaining = 10

    /// - Parameter asked: when the router was asked.
    init(held: [GatewayEntry], sessions: [GuestSession], asked: Date) {
        let byDevice = Dictionary(grouping: held, by: \.mac)
        let devices = Set(sessions.map(\.client.mac))
        unknownDevices = held.filter { !devices.contains($0.mac) }
        let lost = sessions.filter { session in
            guard session.status == .active, session.secondsLeft(at: asked) > Self.minimumRemaining else {
                return false
            }
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
        session.authorizedAt.map { asked.timeIntervalSince($0) >= Double(minimumRemaining) } ?? false
    }
}
