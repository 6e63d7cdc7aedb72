package import Captive
import Foundation
import Pages

/// Seals and opens the tickets in the addresses between a guest's pages.
package struct GuestTokens: Sendable {
    private let guest: SealedToken
    private let preview: SealedToken
    private let status: SealedToken
    let stay: SealedToken
    private let now: WallClock

    /// Seconds for which a guest can use the page after the redirect to the portal: enough time to get a coupon at the
    /// front signIns.
    static let ticketLifetime: TimeInterval = 3_600
    /// Seconds after the end of a session for which its status page is readable.
    static let statusGracePeriod: TimeInterval = 86_400

    package init(sealer: Sealer, now: @escaping WallClock) {
        guest = SealedToken(sealer: sealer, purpose: "guest")
        preview = SealedToken(sealer: sealer, purpose: PreviewTicket.purpose)
        status = SealedToken(sealer: sealer, purpose: "status")
        stay = SealedToken(sealer: sealer, purpose: "stay")
        self.now = now
    }

    /// The content of the token in a `/preauth` address.
    enum Preauth {
        case guest(GuestTicket)
        case preview(PreviewTicket)
    }

    func preauthPath(for ticket: GuestTicket) -> String {
        "/preauth?token=" + guestToken(for: ticket)
    }

    /// The address of the page that asks whether to resume the session that the browser's cookie names.
    func resumePath(for ticket: GuestTicket) -> String { "/resume?token=" + guestToken(for: ticket) }

    private func guestToken(for ticket: GuestTicket) -> String {
        guest.make(ticket.message, expires: now() + Self.ticketLifetime)
    }

    /// - Parameter mayEnd: whether the holder of the address has proved to be the guest, and may sign out.
    func statusPath(
        for session: GuestSession, _ ticket: GuestTicket, mayEnd: Bool, awaitsRouter: Bool = false
    ) -> String {
        let ticket = StatusTicket(sessionID: session.id, mayEnd: mayEnd, awaitsRouter: awaitsRouter, guest: ticket)
        let message = ticket.message
        return "/status?token=" + status.make(message, expires: session.expiresAt + Self.statusGracePeriod)
    }

    /// Returns the ticket of a guest's address; refuses the token of a preview.
    func openGuest(_ text: String?) throws(GuestRefusal) -> GuestTicket {
        guard case .guest(let ticket) = try openPreauth(text) else { throw GuestRefusal(.request) }
        return ticket
    }

    func openPreauth(_ text: String?) throws(GuestRefusal) -> Preauth {
        if let message = try open(text, with: guest), let ticket = GuestTicket(message: message) {
            return .guest(ticket)
        }
        if let message = try open(text, with: preview), let ticket = PreviewTicket(message: message) {
            return .preview(ticket)
        }
        throw GuestRefusal(.linkInvalid, wayBack: "/")
    }

    func openStatus(_ text: String?) throws(GuestRefusal) -> StatusTicket {
        guard let message = try open(text, with: status), let ticket = StatusTicket(message: message) else {
            throw GuestRefusal(.linkInvalid, wayBack: "/")
        }
        return ticket
    }

    /// Returns nil if the text is not a token of that kind.
    private func open(_ text: String?, with token: SealedToken) throws(GuestRefusal) -> [UInt8]? {
        guard let text else { return nil }
        do {
            return try token.open(text, now: now())
        } catch {
            if error == .expired { throw GuestRefusal(.linkExpired, wayBack: "/") }
            return nil
        }
    }
}
