import Captive
import Foundation
import HTTPServer
import Logging
import NetworkAddress
import Pages
import Storage

/// Code entry: first the limits, then the redemption, then the wait for the router.
extension GuestPortal {
    /// How long a response waits for the router before it redirects to the status page, which shows "connecting".
    static let confirmationTimeout: Duration = .seconds(3)

    func enterCode(_ request: Request, _ instance: Instance, _ ticket: GuestTicket) async throws -> Response {
        let typed = try request.formFields()["code"] ?? ""
        guard !typed.allSatisfy(\.isWhitespace) else { return refuse(.empty, instance, request) }
        if let wait = await waitBeforeAttempt(tries, of: ticket, request) {
            return refuse(.tries(seconds: wait), instance, request)
        }
        if let code = CouponCode(typed: typed) { return try await redeem(code, instance, ticket, request) }
        if let code = ResumeCode(typed: typed) { return try await resume(with: code, instance, ticket, request) }
        return refuse(.wrong, instance, request)
    }

    private func redeem(
        _ code: CouponCode, _ instance: Instance, _ ticket: GuestTicket, _ request: Request
    ) async throws -> Response {
        let redemption = Redemption(
            code: code, instance: instance, siteID: ticket.siteID, client: ticket.client,
            device: DeviceKind(userAgent: request.headers["User-Agent"])?.rawValue, now: now(),
            ownership: ownership(ticket, request))
        switch try await outcome(of: redemption, ticket) {
        case .accepted(let session), .resumed(let session):
            note("code accepted", ticket, ["session": "\(session.id.text)"])
            await awaitRouter(for: ticket)
            let current = try await store.session(session.id) ?? session
            // A code that authorizes no device counts as an attempt: one coupon must not cause any number of router
            // calls.
            if current.authorizedAt != nil { tries.succeeded(CodeAttempt(ticket, from: request.client), now: now()) }
            return toStatus(of: current, ticket)
        case .online(let session): return toStatus(of: session, ticket)
        case .refused(let refusal):
            note("code refused", ticket, ["reason": "\(refusal.rawValue)"])
            return refuse(GuestPage.CouponProblem(refusal), instance, request)
        case .mustBeKnown: return deviceNotConfirmed(await lookUpDevice(of: ticket), instance, ticket, request)
        case .tooOften(let until): return tooOften(until, instance, request)
        }
    }

    /// Returns a redirect to the status page of a guest who has proved to own the session, with the resume cookie.
    /// Until the router confirms a renewal, the browser keeps the cookie of the running session.
    func toStatus(of session: GuestSession, _ ticket: GuestTicket) -> Response {
        var response = redirect(.seeOther, to: tokens.statusPath(for: session, ticket, mayEnd: true))
        guard session.replaces == nil || session.status == .active else { return response }
        response.headers["Set-Cookie"] = tokens.resumeCookie(of: session, now: now(), isSecure: publicURL.isSecure)
        return response
    }

    func tooOften(_ until: Date, _ instance: Instance, _ request: Request) -> Response {
        let seconds = Int(saturating: max(1, until.timeIntervalSince(now()).rounded(.up)))
        return pages.response(.coupon(.tries(seconds: seconds)), of: instance, to: request)
    }

    /// Returns the outcome of a redemption. Asks the router only if its answer decides. If the router denies the pair
    /// or cannot be asked, the request has no additional proof, and the rule refuses actions that need it.
    private func outcome(of redemption: Redemption, _ ticket: GuestTicket) async throws -> Redemption.Outcome {
        let outcome = try await store.redeem(redemption)
        guard outcome == .mustBeKnown else { return outcome }
        var asked = redemption
        switch await lookUpDevice(of: ticket) {
        case .known: asked.ownership.isKnown = true
        // If the router does not report addresses, the code alone proves the session; the address is not a proof then.
        case .unsupported: (asked.ownership.isKnown, asked.ownership.source) = (true, nil)
        case .unknown, .noRouter: asked.ownership.source = nil
        case .noResponse: return outcome
        }
        return try await store.redeem(asked)
    }

    /// Writes a log line for the operator; it never contains the code.
    func note(_ event: Logger.Message, _ ticket: GuestTicket, _ more: Logger.Metadata) {
        let metadata: Logger.Metadata = [
            "site": "\(ticket.siteID.text)", "mac": "\(ticket.client.mac)", "ip": "\(ticket.client.ip)",
        ]
        logger.info(event, metadata: metadata.merging(more) { _, new in new })
    }

    func refuse(_ problem: GuestPage.CouponProblem, _ instance: Instance, _ request: Request) -> Response {
        pages.response(.coupon(problem), of: instance, to: request)
    }

    /// The page of a guest whose session cannot continue here, because the router does not confirm the client.
    func deviceNotConfirmed(_ why: DeviceLookup, _ instance: Instance, _ ticket: GuestTicket, _ request: Request)
        -> Response
    {
        let reason: GuestPage.FailureReason = why == .noResponse ? .router : .unseen
        return pages.response(.failed(reason, again: tokens.preauthPath(for: ticket)), of: instance, to: request)
    }
}

extension GuestPage.CouponProblem {
    init(_ refusal: Redemption.Refusal) {
        switch refusal {
        case .wrong: self = .wrong
        case .expired: self = .expired
        case .inUse: self = .used
        case .usedUp: self = .usedUp
        case .ended: self = .ended
        case .foreign: self = .elsewhere
        case .occupied: self = .occupied
        }
    }
}
