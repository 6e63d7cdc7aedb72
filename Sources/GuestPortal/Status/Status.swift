import Captive
import Foundation
import HTTPServer

/// What a guest is told about its session, and the end of it.
extension GuestPortal {
    /// Seconds after which "connecting" says that it takes longer than usual, and then why.
    private static let (slow, long): (TimeInterval, TimeInterval) = (15, 60)

    func statusPage(_ request: Request) async throws -> Response {
        let token = request.queryValue("token") ?? ""
        let ticket = try tokens.openStatus(token)
        guard let session = try await books.sessions.session(ticket.sessionID) else {
            throw GuestRefusal(.forgotten, wayBack: tokens.preauthPath(for: ticket.guest))
        }
        guard let instance = try await books.instances.instance(session.instanceID) else {
            throw GuestRefusal(.closed)
        }
        if let path = try await successor(of: session, ticket) { return redirect(.seeOther, to: path) }
        guard isHere(session, ticket, request) else {
            return pages.response(
                .ended(.moved, again: tokens.preauthPath(for: ticket.guest)), of: instance, to: request)
        }
        if let door = try await door(of: session, ticket) {
            let page = session.isRunning(at: now()) ? .connecting() : page(of: session, nil, ticket, token)
            var response = pages.response(page, of: instance, to: request)
            // Not a redirect: browsers hold the policy of the page whose form was sent against those.
            response.headers["Refresh"] = "0;url=" + door
            return response
        }
        let awaited = try await awaited(session)
        var response = pages.response(page(of: session, awaited, ticket, token), of: instance, to: request)
        if ticket.mayEnd, session.status == .active, session.isRunning(at: now()), awaited == nil {
            response.headers["Set-Cookie"] = tokens.stayCookie(
                of: session, now: now(), isSecure: publicURL.isSecure)
        }
        return response
    }

    func signOut(_ request: Request) async throws -> Response {
        let token = request.queryValue("token") ?? ""
        let ticket = try tokens.openStatus(token)
        guard ticket.mayEnd, let session = try await books.sessions.session(ticket.sessionID),
            isHere(session, ticket, request)
        else { throw GuestRefusal(.request, wayBack: "/status?token=" + token) }
        if let order = try await books.sessions.end(
            session.id, as: .disconnected, reason: "signed_out", now: now())
        {
            await carryOut([order], for: ticket.guest)
        }
        return redirect(.seeOther, to: "/status?token=" + token)
    }

    /// The gateway's door through which the guest's browser has to go now: to be let through, and come back here
    /// without it; or out.
    private func door(of session: GuestSession, _ ticket: StatusTicket) async throws -> String? {
        guard session.isRunning(at: now()) else {
            return session.reason == "signed_out" && ticket.mayEnd ? ticket.guest.doors.exit : nil
        }
        guard let entrance = ticket.guest.doors.entrance else { return nil }
        let gateway = try? await gateways.gateway(for: session.siteID) as? any ForwardingGateway
        if let seconds = await gateway?.wait(before: entrance, of: session.id) {
            throw GuestRefusal(.tries(seconds: seconds), wayBack: tokens.preauthPath(for: ticket.guest))
        }
        await gateway?.expect(ticket.guest.client)
        var guest = ticket.guest.forTheRoad
        guest.doors.entrance = nil
        let back = publicURL.description + tokens.statusPath(for: session, guest, mayEnd: ticket.mayEnd)
        return back.addingPercentEncoding(withAllowedCharacters: .alphanumerics).map { entrance + $0 }
    }

    /// The page of the stay that took this one's place on the device, such as after another coupon.
    private func successor(of session: GuestSession, _ ticket: StatusTicket) async throws -> String? {
        guard session.status == .disconnected, session.reason == "replaced",
            let latest = try await books.sessions.latestSession(of: session.client.mac, at: session.siteID),
            latest.id != session.id, latest.instanceID == session.instanceID, latest.createdAt >= session.createdAt
        else { return nil }
        return tokens.statusPath(for: latest, ticket.guest, mayEnd: ticket.mayEnd)
    }

    /// False if the session goes on at another device than the one that the page was made for.
    private func isHere(_ session: GuestSession, _ ticket: StatusTicket, _ request: Request) -> Bool {
        session.client.mac == ticket.guest.client.mac || session.client.ip == request.client
    }

    /// Since when the guest waits for the router's word on where it is now, at first or after a move; nil if it has it.
    private func awaited(_ session: GuestSession) async throws -> Date? {
        guard session.status == .active else { return session.status == .connecting ? session.createdAt : nil }
        return try await books.sessions.waitingSince(session)
    }

    private func page(
        of session: GuestSession, _ awaited: Date?, _ ticket: StatusTicket, _ token: String
    ) -> GuestPage {
        let again = tokens.preauthPath(for: ticket.guest)
        if let ending = GuestPage.Ending(of: session, now: now()) { return .ended(ending, again: again) }
        if let awaited { return .connecting(wait(since: awaited)) }
        switch session.status {
        case .connecting, .active: return .online(online(session, ticket, token))
        case .failed:
            let reason = GuestPage.FailureReason(session.reason)
            return .failed(reason, keepsCode: session.strategy == .coupon && session.authorizedAt == nil, again: again)
        case .expired, .disconnected: return .ended(.signedOut, again: again)
        }
    }

    private func wait(since start: Date) -> GuestPage.Wait {
        let seconds = now().timeIntervalSince(start)
        return seconds > Self.long ? .long : seconds > Self.slow ? .slow : .usual
    }

    private func online(_ session: GuestSession, _ ticket: StatusTicket, _ token: String) -> GuestPage.Online {
        let takesCodes = ticket.mayEnd && session.strategy == .coupon
        var here = ticket.guest
        here.client = session.client
        return GuestPage.Online(
            now: now(), endsAt: session.expiresAt, destination: ticket.guest.destination.flatMap { URL(string: $0) },
            logout: ticket.mayEnd ? "/logout?token=" + token : nil,
            extend: takesCodes ? tokens.preauthPath(for: here) : nil,
            resumeCode: takesCodes ? resumeCodes.code(of: session) : nil)
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
