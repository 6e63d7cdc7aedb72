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
            if session.reason == "replaced" { return nil }
            self = session.reason == "signed_out" ? .signedOut : .disconnected
        }
    }

    /// What the page of a device whose last stay was `session` tells of it, as a part of the page's address. The page is
    /// the same for all guests, so it is not told more.
    static func query(after session: GuestSession?, at instanceID: UUID, now: Date) -> String {
        guard let session, session.instanceID == instanceID, let ending = Self(of: session, now: now),
            now.timeIntervalSince(session.endedAt ?? session.expiresAt) < memory
        else { return "" }
        return "&after=" + ending.rawValue
    }
}
