import Captive
import HTTPServer
import Logging
import NetworkAddress

/// A guest's code: limits first, then the redemption, then the wait for the router.
extension GuestPortal {
    /// How long an answer waits for the router before the status page takes over with "connecting".
    static let patience: Duration = .seconds(3)

    func enterCode(_ request: Request, _ instance: Instance, _ ticket: GuestTicket) async throws -> Response {
        let typed = try request.formFields()["code"] ?? ""
        guard !typed.allSatisfy(\.isWhitespace) else { return refuse(.empty, instance, request) }
        if let wait = await waitBeforeTry(tries, of: ticket, request) {
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
            device: DeviceKind(userAgent: request.headers["User-Agent"])?.rawValue, now: now())
        switch try await outcome(of: redemption, ticket) {
        case .accepted(let session, let order), .resumed(let session, let order):
            tries.succeeded(CodeTry(ticket, from: request.client), now: now())
            note("code accepted", ticket, ["session": "\(session.id.text)"])
            await carryOut([order], for: ticket)
            return redirect(.seeOther, to: tokens.statusPath(for: session, ticket, mayEnd: true))
        case .refused(let refusal):
            note("code refused", ticket, ["reason": "\(refusal.rawValue)"])
            return refuse(GuestPage.CouponProblem(refusal), instance, request)
        case .mustBeKnown: return strange(await acquaintance(with: ticket), instance, ticket, request)
        }
    }

    /// A stay that would lose its place moves if the router knows the new one.
    private func outcome(of redemption: Redemption, _ ticket: GuestTicket) async throws -> Redemption.Outcome {
        let outcome = try await books.redemptions.redeem(redemption)
        guard outcome == .mustBeKnown, await acquaintance(with: ticket).admitsCode else { return outcome }
        var known = redemption
        known.isKnown = true
        return try await books.redemptions.redeem(known)
    }

    /// A line for the operator; the code is never in it.
    func note(_ event: Logger.Message, _ ticket: GuestTicket, _ more: Logger.Metadata) {
        let metadata: Logger.Metadata = [
            "site": "\(ticket.siteID.text)", "mac": "\(ticket.client.mac)", "ip": "\(ticket.client.ip)",
        ]
        logger.info(event, metadata: metadata.merging(more) { _, new in new })
    }

    func refuse(_ problem: GuestPage.CouponProblem, _ instance: Instance, _ request: Request) -> Response {
        pages.response(.coupon(problem), of: instance, to: request)
    }

    /// What a router says of a ticket's pair of MAC and IP address.
    enum Acquaintance {
        case known, unknown
        /// It could not be asked.
        case unanswered
        /// It never tells who is where.
        case untold
        /// There is none that could be asked.
        case noRouter

        /// Whether a stay may go there whose guest has its code: that of a router that never tells has no other proof.
        var admitsCode: Bool { self == .known || self == .untold }
    }

    func acquaintance(with ticket: GuestTicket) async -> Acquaintance {
        do {
            guard let gateway = try await gateways.gateway(for: ticket.siteID), gateway.seesDevices else {
                return .noRouter
            }
            return try await gateway.device(at: ticket.client.ip) == ticket.client.mac ? .known : .unknown
        } catch GatewayError.refused {
            return .untold
        } catch {
            return .unanswered
        }
    }

    /// True if the router holds the ticket's pair now.
    func isKnown(_ ticket: GuestTicket) async -> Bool { await acquaintance(with: ticket) == .known }

    /// The page of a guest whose stay cannot go on here, as the router does not vouch for the place.
    func strange(_ why: Acquaintance, _ instance: Instance, _ ticket: GuestTicket, _ request: Request) -> Response {
        let reason: GuestPage.FailureReason = why == .unanswered ? .router : .unseen
        return pages.response(.failed(reason, again: tokens.preauthPath(for: ticket)), of: instance, to: request)
    }
}

extension GuestPage.CouponProblem {
    init(_ refusal: Redemption.Refusal) {
        switch refusal {
        case .wrong: self = .wrong
        case .expired: self = .expired
        case .used: self = .used
        case .foreign: self = .elsewhere
        }
    }
}
