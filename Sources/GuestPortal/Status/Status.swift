import Captive
import Foundation
import HTTPServer

/// What a guest is told about its session, and the end of it.
extension GuestPortal {
    func statusPage(_ request: Request) async throws -> Response {
        let token = request.queryValue("token")
        let ticket = try tokens.openStatus(token)
        guard let session = try await books.sessions.session(ticket.sessionID) else {
            throw GuestRefusal(.linkMalformed)
        }
        guard let instance = try await books.instances.instance(session.instanceID) else {
            throw GuestRefusal(.unknownNetwork)
        }
        let view = StatusView(
            session: session, now: now(), destination: ticket.guest.destination,
            logoutPath: tokens.logoutPath(token: token ?? ""), reconnectPath: reconnectPath(ticket.guest))
        return try pages.status(view, instance, request: request)
    }

    func signOut(_ request: Request) async throws -> Response {
        let token = request.queryValue("token")
        let ticket = try tokens.openStatus(token)
        if let order = try await books.sessions.end(
            ticket.sessionID, as: .disconnected, reason: "signed_out", now: now())
        {
            delivery.submit(order)
            _ = await delivery.wait(for: order.id, atMost: Self.patience)
        }
        return redirect(.seeOther, to: "/status?token=" + (token ?? ""))
    }

    /// The way to a new page for a guest whose session is over.
    private func reconnectPath(_ ticket: GuestTicket) -> String { tokens.preauthPath(for: ticket) }
}

/// What the status page shows of a session.
package struct StatusView: Sendable {
    package enum State: Sendable, Equatable {
        case connecting
        /// Seconds left, and when it ends.
        case active(secondsLeft: Int, until: Date)
        case expired
        case disconnected(reason: String?)
        case failed(reason: String?)
    }

    package var state: State
    package var destination: String?
    package var logoutPath: String
    package var reconnectPath: String

    package init(session: GuestSession, now: Date, destination: String?, logoutPath: String, reconnectPath: String) {
        self.destination = destination
        self.logoutPath = logoutPath
        self.reconnectPath = reconnectPath
        state =
            switch session.status {
            case .connecting,
                .active where session.expiresAt <= now:
                .expired
            case .connecting: .connecting
            case .active: .active(secondsLeft: session.secondsLeft(at: now), until: session.expiresAt)
            case .expired: .expired
            case .disconnected: .disconnected(reason: session.reason)
            case .failed: .failed(reason: session.reason)
            }
    }
}
