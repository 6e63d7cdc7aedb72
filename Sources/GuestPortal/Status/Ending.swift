import Captive
import Foundation
import Pages

extension GuestPage.Ending {
    /// Seconds after the end of a session for which the portal explains the end to its guest.
    private static let memory: TimeInterval = 86_400

    /// How `session` ended, from the guest's view; nil if it runs, never began, or was replaced.
    init?(of session: GuestSession, now: Date) {
        switch session.status {
        case .connecting, .active:
            guard !session.isRunning(at: now) else { return nil }
            self = .expired
        case .expired: self = .expired
        case .failed: return nil
        case .disconnected:
            if session.hasEnded(.replaced) { return nil }
            self = session.hasEnded(.signedOut) ? .signedOut : .disconnected
        }
    }

    /// Returns the ending to show on the page of a device whose previous session was `session`; a session that moved to
    /// another device left at `departure`. The ending is a part of the page's address and the page is shared by all
    /// guests, so it contains no more detail.
    static func last(
        after session: GuestSession?, _ departure: Date?, at instanceID: UUID, now: Date
    ) -> GuestPage.Ending? {
        let isFresh = { (end: Date) in now.timeIntervalSince(end) < memory }
        if let departure, departure >= session?.createdAt ?? departure { return isFresh(departure) ? .moved : nil }
        guard let session, session.instanceID == instanceID, isFresh(session.endedAt ?? session.expiresAt) else {
            return nil
        }
        return Self(of: session, now: now)
    }
}
