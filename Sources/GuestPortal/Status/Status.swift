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
        guard
            let standing = try await books.sessions.standing(of: ticket.sessionID, for: ticket.guest.client.mac)
        else { throw GuestRefusal(.forgotten, wayBack: tokens.preauthPath(for: ticket.guest)) }
        let session = standing.session
        guard let instance = try await books.instances.instance(session.instanceID) else {
            throw GuestRefusal(.closed)
        }
        if let path = try await successor(of: session, ticket, request) { return redirect(.seeOther, to: path) }
        guard standing.isArriving || isHere(session, ticket, request) else {
            let page = try await elsewhere(session, ticket)
            return pages.response(page, of: instance, to: request)
        }
        if ticket.awaitsRouter, session.isRunning(at: now()) {
            return try await askRouter(session, ticket, instance, request)
        }
        if let door = try await door(of: session, ticket) {
            let page = session.isRunning(at: now()) ? .connecting() : page(of: session, nil, ticket, token)
            var response = pages.response(page, of: instance, to: request)
            // Not a redirect: browsers hold the policy of the page whose form was sent against those.
            response.headers["Refresh"] = "0;url=" + door
            return response
        }
        let awaited = standing.waitingSince
        var response = pages.response(page(of: session, awaited, ticket, token), of: instance, to: request)
        if ticket.mayEnd, session.status == .active, session.isRunning(at: now()), awaited == nil,
            try await mayMark(request, with: session)
        {
            response.headers["Set-Cookie"] = tokens.stayCookie(
                of: session, now: now(), isSecure: publicURL.isSecure)
        }
        return response
    }

    /// Whether the status page may set the browser's cookie. A link from another site, or to the status page of another
    /// guest, must not replace the proof that the browser has of a running session.
    private func mayMark(_ request: Request, with session: GuestSession) async throws -> Bool {
        guard request.headers["Sec-Fetch-Site"] != "cross-site" else { return false }
        guard let mark = tokens.openStay(of: request, now: now(), isSecure: publicURL.isSecure),
            mark.sessionID != session.id, let other = try await books.sessions.session(mark.sessionID)
        else { return true }
        return !other.isRunning(at: now()) || mark.moves != other.moves
    }

    /// `GET /logout`: asks first, as the time goes on.
    func signOutPage(_ request: Request) async throws -> Response {
        let token = request.queryValue("token") ?? ""
        let (ticket, session) = try await endable(token, request)
        guard session.isRunning(at: now()), let instance = try await books.instances.instance(session.instanceID) else {
            return redirect(.seeOther, to: "/status?token=" + token)
        }
        let seconds = session.authorizedAt == nil ? session.ttl : session.secondsLeft(at: now())
        let question = GuestPage.Question(
            session.strategy == .coupon ? .signOutOfCode : .signOutOfAccount, seconds: seconds,
            action: "/logout?token=" + token, back: tokens.statusPath(for: session, ticket.guest, mayEnd: true))
        return pages.response(.question(question), of: instance, to: request)
    }

    func signOut(_ request: Request) async throws -> Response {
        let token = request.queryValue("token") ?? ""
        let (ticket, session) = try await endable(token, request)
        try await refuseForeign(request, ticket.guest)
        if let ended = try await books.sessions.end(session.id, reason: .signedOut, now: now()) {
            if ticket.guest.authURLs.authenticate != nil { await expectAtDoor(ticket.guest) }
            _ = await reconciler.wait(for: ended.siteDevice, atMost: Self.patience)
        }
        return redirect(.seeOther, to: "/status?token=" + token)
    }

    /// The session that whoever holds the address may end here.
    private func endable(_ token: String, _ request: Request) async throws -> (StatusTicket, GuestSession) {
        let ticket = try tokens.openStatus(token)
        guard ticket.mayEnd, let session = try await books.sessions.session(ticket.sessionID),
            isHere(session, ticket, request)
        else { throw GuestRefusal(.request, wayBack: "/status?token=" + token) }
        return (ticket, session)
    }

    /// The page of a device whose router could not say at the entry that it is where it claims to be: on as soon as the
    /// router can.
    private func askRouter(
        _ session: GuestSession, _ ticket: StatusTicket, _ instance: Instance, _ request: Request
    ) async throws -> Response {
        guard await acquaintance(with: ticket.guest) != .unanswered else {
            return pages.response(.connecting(.long), of: instance, to: request)
        }
        let path = try await comeBack(to: session, ticket.guest, request, mayEnd: ticket.mayEnd)
        return redirect(.seeOther, to: path ?? tokens.preauthPath(for: ticket.guest))
    }

    /// The page of a device that has not got the session: it moved on from here, or the router did not let it come.
    private func elsewhere(_ session: GuestSession, _ ticket: StatusTicket) async throws -> GuestPage {
        let again = tokens.preauthPath(for: ticket.guest)
        let left = try await books.resumptions.departure(
            from: ticket.guest.client.mac, at: session.siteID, of: session.instanceID, now: now())
        guard session.isRunning(at: now()), ticket.mayEnd, left == nil else { return .ended(.moved, again: again) }
        return .failed(.router, again: again)
    }

    /// The gateway's door through which the guest's browser has to go now: to be let through, and come back here
    /// without it; or out.
    private func door(of session: GuestSession, _ ticket: StatusTicket) async throws -> String? {
        guard session.isRunning(at: now()) else {
            return session.hasEnded(.signedOut) && ticket.mayEnd ? ticket.guest.authURLs.deauthenticate : nil
        }
        guard let entrance = ticket.guest.authURLs.authenticate else { return nil }
        let gateway = try? await gateways.gateway(for: session.siteID) as? any FASGateway
        if let seconds = await gateway?.wait(before: entrance, of: session.id) {
            throw GuestRefusal(.tries(seconds: seconds), wayBack: tokens.preauthPath(for: ticket.guest))
        }
        await gateway?.expect(ticket.guest.client)
        var guest = ticket.guest.forTheRoad
        guest.authURLs.authenticate = nil
        let back = publicURL.description + tokens.statusPath(for: session, guest, mayEnd: ticket.mayEnd)
        return back.addingPercentEncoding(withAllowedCharacters: .alphanumerics).map { entrance + $0 }
    }

    /// The page of the session that took this one's place on the device, such as after another coupon. It may be
    /// another guest's, so it gives rights to the one alone who shows to own it.
    private func successor(
        of session: GuestSession, _ ticket: StatusTicket, _ request: Request
    ) async throws -> String? {
        guard session.hasEnded(.replaced) else { return nil }
        let own = try await books.sessions.successor(of: session.id)
        let latest = try await books.sessions.latestSession(of: session.client.mac, at: session.siteID)
        guard let next = own ?? latest, next.id != session.id, next.instanceID == session.instanceID,
            next.createdAt >= session.createdAt
        else { return nil }
        return tokens.statusPath(for: next, ticket.guest, mayEnd: await owns(next, ticket.guest, request))
    }

    /// False if the session goes on at another device than the one that the page was made for.
    private func isHere(_ session: GuestSession, _ ticket: StatusTicket, _ request: Request) -> Bool {
        session.client.mac == ticket.guest.client.mac || session.client.ip == request.client
    }

    private func page(
        of session: GuestSession, _ awaited: Date?, _ ticket: StatusTicket, _ token: String
    ) -> GuestPage {
        var guest = ticket.guest
        // A renewal that failed has left the session that it was to replace.
        if ticket.mayEnd { guest.owns = session.status == .failed ? session.replaces ?? session.id : session.id }
        let again = tokens.preauthPath(for: guest)
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
        let hasCode = session.strategy == .coupon
        let takesCodes = hasCode && ticket.mayEnd
        var here = ticket.guest
        here.client = session.client
        here.owns = session.id
        return GuestPage.Online(
            now: now(), endsAt: session.expiresAt, destination: ticket.guest.destination.flatMap { URL(string: $0) },
            logout: ticket.mayEnd ? "/logout?token=" + token : nil,
            extend: takesCodes ? tokens.preauthPath(for: here) : nil,
            enterCode: hasCode && !ticket.mayEnd ? tokens.preauthPath(for: ticket.guest) : nil,
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
