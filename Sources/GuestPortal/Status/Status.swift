import Captive
import Foundation
import HTTPServer
import Pages
import Storage

/// The status page of a session, and signing out.
extension GuestPortal {
    /// Seconds after which the "connecting" page first shows that it takes longer than usual, and then the reason.
    private static let (slow, long): (TimeInterval, TimeInterval) = (15, 60)

    func statusPage(_ request: Request) async throws -> Response {
        let token = request.queryValue("token") ?? ""
        let ticket = try tokens.openStatus(token)
        guard
            let standing = try await store.standing(of: ticket.sessionID, for: ticket.guest.client.mac)
        else { throw GuestRefusal(.forgotten, wayBack: tokens.preauthPath(for: ticket.guest)) }
        let session = standing.session
        guard let instance = try await instances.instance(session.instanceID) else {
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
            // Not a redirect: browsers apply the policy of the page with the form to redirects.
            response.headers["Refresh"] = "0;url=" + door
            return response
        }
        let awaited = standing.waitingSince
        var response = pages.response(page(of: session, awaited, ticket, token), of: instance, to: request)
        if ticket.mayEnd, session.status == .active, session.isRunning(at: now()), awaited == nil,
            try await mayMark(request, with: session)
        {
            response.headers["Set-Cookie"] = tokens.resumeCookie(
                of: session, now: now(), isSecure: publicURL.isSecure)
        }
        return response
    }

    /// Returns true if the status page may set the browser's cookie. A link from another site, or to the status page of
    /// another guest, must not replace the browser's proof of a running session.
    private func mayMark(_ request: Request, with session: GuestSession) async throws -> Bool {
        guard request.headers["Sec-Fetch-Site"] != "cross-site" else { return false }
        guard let mark = tokens.openStay(of: request, now: now(), isSecure: publicURL.isSecure),
            mark.sessionID != session.id, let other = try await store.session(mark.sessionID)
        else { return true }
        return !other.isRunning(at: now()) || mark.moves != other.moves
    }

    /// `GET /logout`: asks first, because the time of the session continues to run.
    func signOutPage(_ request: Request) async throws -> Response {
        let token = request.queryValue("token") ?? ""
        let (ticket, session) = try await endable(token, request)
        guard session.isRunning(at: now()), let instance = try await instances.instance(session.instanceID)
        else {
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
        if let ended = try await store.end(session.id, reason: .signedOut, now: now()) {
            if ticket.guest.authURLs.authenticate != nil { await expectRedirect(ticket.guest) }
            _ = await reconciler.wait(for: ended.siteDevice, atMost: Self.confirmationTimeout)
        }
        return redirect(.seeOther, to: "/status?token=" + token)
    }

    /// Returns the session that the holder of the address may end here.
    private func endable(_ token: String, _ request: Request) async throws -> (StatusTicket, GuestSession) {
        let ticket = try tokens.openStatus(token)
        guard ticket.mayEnd, let session = try await store.session(ticket.sessionID),
            isHere(session, ticket, request)
        else { throw GuestRefusal(.request, wayBack: "/status?token=" + token) }
        return (ticket, session)
    }

    /// Returns the page of a device for which the router did not answer at the entry: it continues as soon as the
    /// router confirms or denies the address.
    private func askRouter(
        _ session: GuestSession, _ ticket: StatusTicket, _ instance: Instance, _ request: Request
    ) async throws -> Response {
        let known = await lookUpDeviceWithinLimits(of: ticket.guest, request)
        guard known != .noResponse else { return pages.response(.connecting(.long), of: instance, to: request) }
        let path = try await restoreSession(session, ticket.guest, request, mayEnd: ticket.mayEnd, known: known)
        return redirect(.seeOther, to: path ?? tokens.preauthPath(for: ticket.guest))
    }

    /// Returns the page of a device that does not have the session: it moved to another device, or the router did not
    /// authorize it here.
    private func elsewhere(_ session: GuestSession, _ ticket: StatusTicket) async throws -> GuestPage {
        let again = tokens.preauthPath(for: ticket.guest)
        let left = try await store.departure(
            from: ticket.guest.client.mac, at: session.siteID, of: session.instanceID, now: now())
        guard session.isRunning(at: now()), ticket.mayEnd, left == nil else { return .ended(.moved, again: again) }
        return .failed(.router, again: again)
    }

    /// Returns the gateway's address to which the guest's browser must go now: to be authorized, and then return to the
    /// status page without this redirect; or to be deauthorized.
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
        var guest = ticket.guest.shortenedForURL
        guest.authURLs.authenticate = nil
        let back = publicURL.description + tokens.statusPath(for: session, guest, mayEnd: ticket.mayEnd)
        return back.addingPercentEncoding(withAllowedCharacters: .alphanumerics).map { entrance + $0 }
    }

    /// Returns the page of the session that replaced this one on the device, such as after another coupon. It may
    /// belong to another guest, so it gives rights only to a request that proves to own it.
    private func successor(
        of session: GuestSession, _ ticket: StatusTicket, _ request: Request
    ) async throws -> String? {
        guard session.hasEnded(.replaced) else { return nil }
        let own = try await store.successor(of: session.id)
        let latest = try await store.latestSession(of: session.client.mac, at: session.siteID)
        guard let next = own ?? latest, next.id != session.id, next.instanceID == session.instanceID,
            next.createdAt >= session.createdAt
        else { return nil }
        return tokens.statusPath(for: next, ticket.guest, mayEnd: await owns(next, ticket.guest, request))
    }

    /// Returns false if the session is now on another device than the one for which the page was made.
    private func isHere(_ session: GuestSession, _ ticket: StatusTicket, _ request: Request) -> Bool {
        session.client.mac == ticket.guest.client.mac || session.client.ip == request.client
    }

    private func page(
        of session: GuestSession, _ awaited: Date?, _ ticket: StatusTicket, _ token: String
    ) -> GuestPage {
        var guest = ticket.guest
        // After a renewal failed, the session that it was to replace still runs.
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
    /// The failure reason for the guest, from the reason in the database.
    init(_ reason: String?) {
        switch reason {
        case GatewayError.deviceNotSeen.reason: self = .unseen
        case GatewayError.deviceMismatch.reason: self = .mismatch
        case GatewayError.full("").reason: self = .full
        default: self = .router
        }
    }
}
