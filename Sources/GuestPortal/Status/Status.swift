import Captive
import Foundation
import HTTPServer

/// What a guest is told about its session, and the end of it.
extension GuestPortal {
    /// Seconds after which "connecting" says that it takes longer than usual.
    private static let slow: TimeInterval = 15

    func statusPage(_ request: Request) async throws -> Response {
        let token = request.queryValue("token") ?? ""
        let ticket = try tokens.openStatus(token)
        guard let session = try await books.sessions.session(ticket.sessionID) else { throw GuestRefusal(.linkInvalid) }
        guard let instance = try await books.instances.instance(session.instanceID) else {
            throw GuestRefusal(.network)
        }
        return pages.response(page(of: session, ticket, token), of: instance, to: request)
    }

    func signOut(_ request: Request) async throws -> Response {
        let token = request.queryValue("token") ?? ""
        let ticket = try tokens.openStatus(token)
        guard ticket.mayEnd else { throw GuestRefusal(.request, wayBack: "/status?token=" + token) }
        if let order = try await books.sessions.end(
            ticket.sessionID, as: .disconnected, reason: "signed_out", now: now())
        {
            delivery.submit(order)
            _ = await delivery.wait(for: order.id, atMost: Self.patience)
        }
        return redirect(.seeOther, to: "/status?token=" + token)
    }

    private func page(of session: GuestSession, _ ticket: StatusTicket, _ token: String) -> GuestPage {
        let again = tokens.preauthPath(for: ticket.guest)
        let isUnended = session.status == .connecting || session.status == .active
        if isUnended && !session.isRunning(at: now()) { return .expired(again: again) }
        switch session.status {
        case .expired: return .expired(again: again)
        case .connecting: return .connecting(isSlow: now().timeIntervalSince(session.createdAt) > Self.slow)
        case .active: return .online(online(session, ticket, token))
        case .disconnected: return .signedOut(again: again)
        case .failed:
            let reason = GuestPage.FailureReason(session.reason)
            return .failed(reason, keepsCode: session.strategy == .coupon && session.authorizedAt == nil, again: again)
        }
    }

    private func online(_ session: GuestSession, _ ticket: StatusTicket, _ token: String) -> GuestPage.Online {
        GuestPage.Online(
            now: now(), endsAt: session.expiresAt, destination: ticket.guest.destination.flatMap { URL(string: $0) },
            logout: ticket.mayEnd ? "/logout?token=" + token : nil)
    }
}

extension GuestPage.FailureReason {
    /// The guest's words for the books' reason.
    init(_ reason: String?) {
        switch reason {
        case GatewayError.deviceNotSeen.reason: self = .unseen
        case GatewayError.deviceMismatch.reason: self = .mismatch
        case GatewayError.full("").reason: self = .full
        default: self = .router
        }
    }
}
