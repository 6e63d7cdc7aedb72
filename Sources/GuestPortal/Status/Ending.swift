import Captive
import Foundation

extension GuestPage.Ending {
    /// Seconds after its end in which a stay is still spoken of at the next.
    private static let memory: TimeInterval = 86_400

    /// How `session` ended, in the guest's words; nil if it runs, never began, or goes on as another.
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

    /// What the page of a device whose last stay was `session` tells of it; a stay that went on elsewhere did so at
    /// `departure`. It is a part of the page's address, and the page the same for all guests, so it is not told more.
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
