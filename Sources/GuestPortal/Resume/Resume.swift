import Captive
import Foundation
import HTTPServer
import Logging
import Pages
import Storage

/// Resuming: a guest whose device has another MAC address than before uses the remaining time.
extension GuestPortal {
    /// Returns the next address for a browser with a resume cookie: the status page after the session has moved here;
    /// the question whether to resume, if the request does not come from the device itself; nil if there is no session
    /// that can be resumed here.
    func resumeMarked(_ ticket: GuestTicket, _ request: Request) async throws -> String? {
        guard let (resumption, session) = try await marked(ticket, request) else { return nil }
        guard request.client == ticket.client.ip else {
            return await hasLeft(session, for: ticket) ? tokens.resumePath(for: ticket) : nil
        }
        return try await resume(resumption, ticket).map { tokens.statusPath(for: $0, ticket, mayEnd: true) }
    }

    /// `GET /resume`: a link can send a browser with a resume cookie to the entry with the addresses of another device,
    /// so the page asks the guest first.
    func resumePage(_ request: Request) async throws -> Response {
        let ticket = try tokens.openGuest(request.queryValue("token"))
        guard let (_, session) = try await marked(ticket, request),
            let instance = try await instances.instance(session.instanceID)
        else { return redirect(.seeOther, to: tokens.preauthPath(for: ticket)) }
        let question = GuestPage.Question(
            .resume, seconds: session.secondsLeft(at: now()), action: tokens.resumePath(for: ticket),
            back: tokens.preauthPath(for: ticket))
        return pages.response(.question(question), of: instance, to: request)
    }

    /// `POST /resume`: resumes the session here. Browsers do not send the cookie with a form of another site.
    func resumeHere(_ request: Request) async throws -> Response {
        let ticket = try tokens.openGuest(request.queryValue("token"))
        try await refuseForeign(request, ticket)
        guard let (resumption, session) = try await marked(ticket, request), await hasLeft(session, for: ticket),
            let moved = try await resume(resumption, ticket)
        else { return redirect(.seeOther, to: tokens.preauthPath(for: ticket)) }
        return redirect(.seeOther, to: tokens.statusPath(for: moved, ticket, mayEnd: true))
    }

    /// Returns the session that the browser's resume cookie names, if it can be resumed at the ticket's device and the
    /// router knows that device.
    private func marked(
        _ ticket: GuestTicket, _ request: Request
    ) async throws -> (resumption: Resumption, session: GuestSession)? {
        guard let mark = ownership(ticket, request).mark else { return nil }
        let resumption = resumption(.mark(mark), ticket, request)
        guard let session = try await store.resumable(resumption), await isKnown(ticket) else {
            return nil
        }
        return (resumption, session)
    }

    /// Returns nil if the session may not move now.
    private func resume(_ resumption: Resumption, _ ticket: GuestTicket) async throws -> GuestSession? {
        guard case .resumed(let session) = try await store.resume(resumption) else { return nil }
        await awaitRouter(for: ticket)
        note("session resumed", ticket, ["session": "\(session.id.text)", "by": "cookie"])
        return session
    }

    /// Handles a resume code that the guest entered on the page.
    func resume(
        with code: ResumeCode, _ instance: Instance, _ ticket: GuestTicket, _ request: Request
    ) async throws -> Response {
        let resumption = resumption(.code(code), ticket, request)
        let named = try await store.resumable(resumption)
        // A device with another guest's session gets the same response for a correct and a wrong code.
        let latest = try await store.latestSession(of: ticket.client.mac, at: ticket.siteID)
        if let latest, latest.id != named?.id, latest.status == .active, latest.isRunning(at: now()),
            await !owns(latest, ticket, request)
        {
            return refuse(.occupied, instance, request)
        }
        guard named != nil else { return refuse(.wrong, instance, request) }
        // Moving the session to an address that the router does not know would disconnect the guest.
        let known = await lookUpDevice(of: ticket)
        guard known.admitsCode else { return deviceNotConfirmed(known, instance, ticket, request) }
        switch try await store.resume(resumption) {
        case .unknown: return refuse(.wrong, instance, request)
        case .occupied(let own):
            guard await owns(own, ticket, request) else { return refuse(.occupied, instance, request) }
            return toStatus(of: own, ticket)
        case .tooOften(let until): return tooOften(until, instance, request)
        case .resumed(let session):
            await awaitRouter(for: ticket)
            // A code that moves the session to no device counts as an attempt, as a coupon does.
            if try await store.session(session.id)?.client.mac == ticket.client.mac {
                tries.succeeded(CodeAttempt(ticket, from: request.client), now: now())
            }
            note("session resumed", ticket, ["session": "\(session.id.text)", "by": "code"])
            return redirect(.seeOther, to: tokens.statusPath(for: session, ticket, mayEnd: true))
        }
    }

    /// Waits for the router's answer about the ticket's device, for at most `confirmationTimeout`, so that the status
    /// page can show it. Returns false if there is no answer in this time.
    @discardableResult
    func awaitRouter(for ticket: GuestTicket) async -> Bool {
        if ticket.authURLs.authenticate != nil { await expectRedirect(ticket) }
        let device = SiteDevice(siteID: ticket.siteID, mac: ticket.client.mac)
        return await reconciler.wait(for: device, atMost: Self.confirmationTimeout)
    }

    /// Announces the guest's browser, which is about to follow the redirect to the gateway.
    func expectRedirect(_ ticket: GuestTicket) async {
        let gateway = try? await gateways.gateway(for: ticket.siteID) as? any FASGateway
        await gateway?.expect(ticket.client)
    }

    private func resumption(_ proof: Resumption.Proof, _ ticket: GuestTicket, _ request: Request) -> Resumption {
        Resumption(
            proof: proof, instanceID: ticket.instanceID, siteID: ticket.siteID, client: ticket.client,
            ownership: ownership(ticket, request), now: now())
    }

    /// Returns true if the router no longer has the session's device, or if it is the ticket's device.
    private func hasLeft(_ session: GuestSession, for ticket: GuestTicket) async -> Bool {
        if session.client.mac == ticket.client.mac { return true }
        guard let gateway = try? await gateways.gateway(for: ticket.siteID) else { return false }
        do { return try await gateway.device(at: session.client.ip) != session.client.mac } catch { return false }
    }
}
