import Captive
import Foundation
import HTTPServer
import Logging
import OAuth
import Pages
import Storage

/// The return from the identity provider. The portal sends no request before it has checked the state, the browser and
/// the single use.
extension GuestPortal {
    func callback(_ request: Request) async throws -> Response {
        guard let provider = request.pathParameters["provider"].flatMap(AuthIntegration.Provider.init(rawValue:)) else {
            return notFound(request)
        }
        let answer = AuthorizationResponse(query: request.query)
        guard let transaction = signIns.open(answer.state, now: now()),
            let purpose = SignInPurpose(context: transaction.context)
        else { return lost(provider, nil, "state", request) }
        let trouble = try await trouble(with: transaction, at: provider, request)
        switch purpose {
        case .test(let until): return try await report(answer, transaction, trouble, until: until, request)
        case .guest(let ticket):
            if let trouble { return lost(provider, ticket, trouble.rawValue, request) }
            return try await admit(ticket, answer, transaction, request)
        }
    }

    /// Why a sign-in does not belong to this browser, or is no longer valid.
    enum SignInTrouble: String {
        /// The sign-in began at another provider: a mix-up (RFC 9700 section 4.4).
        case provider = "other provider"
        /// The sign-in began in another browser, or this browser keeps no cookies.
        case browser = "other browser"
        case late = "too late"
        case replayed = "answered before"
    }

    private func trouble(
        with transaction: SignInTransaction, at provider: AuthIntegration.Provider, _ request: Request
    ) async throws -> SignInTrouble? {
        guard transaction.provider == provider else { return .provider }
        guard TransactionCookie.matches(transaction.browser, request, isSecure: publicURL.isSecure) else {
            return .browser
        }
        let end = transaction.createdAt + SignInTransaction.lifetime
        guard now() < end else { return .late }
        // The record outlives the state, which can be opened for longer than it is valid.
        let expires = transaction.createdAt + 2 * GuestTokens.ticketLifetime
        return try await store.take(transaction.id, expires: expires, now: now()) ? nil : .replayed
    }

    private func admit(
        _ ticket: GuestTicket, _ answer: AuthorizationResponse, _ transaction: SignInTransaction, _ request: Request
    ) async throws -> Response {
        guard let instance = try await instances.instance(ticket.instanceID),
            instance.integrationID == transaction.integrationID
        else { throw GuestRefusal(.network) }
        let integration = try await integration(of: instance)
        let result: SignIn.Result
        do throws(SignInFailure) {
            result = try await signIns.signIn.finish(answer, transaction, integration)
        } catch {
            return signInFailed(error, transaction.provider, instance, ticket, request)
        }
        let admission = Admission(
            instance: instance, siteID: ticket.siteID, client: ticket.client, identity: result.identity,
            device: DeviceKind(userAgent: request.headers["User-Agent"])?.rawValue, now: now(),
            ownership: ownership(ticket, request))
        guard case .admitted(let session) = try await outcome(of: admission, ticket) else {
            note("sign-in refused", ticket, ["reason": "\(Redemption.Refusal.occupied.rawValue)"])
            throw GuestRefusal(.occupied, wayBack: tokens.preauthPath(for: ticket))
        }
        note("signed in", ticket, ["session": "\(session.id.text)", "provider": "\(transaction.provider.rawValue)"])
        return try await awaitAuthorization(session, ticket)
    }

    private func outcome(of admission: Admission, _ ticket: GuestTicket) async throws -> Admission.Outcome {
        let outcome = try await store.admit(admission)
        guard outcome == .mustBeKnown, await isKnown(ticket) else { return outcome }
        var known = admission
        known.ownership.isKnown = true
        return try await store.admit(known)
    }

    /// Waits for the router, closes the sign-in window, and responds with a full navigation, so that a phone checks
    /// again whether it is online.
    private func awaitAuthorization(
        _ session: GuestSession, _ ticket: GuestTicket
    ) async throws -> Response {
        let hasAnswered = await awaitRouter(for: ticket)
        // A window that is not closed here ends by itself.
        if hasAnswered { try? await gateways.gateway(for: ticket.siteID)?.closeWindow(ticket.client) }
        let current = try await store.session(session.id) ?? session
        var response = toStatus(of: current, ticket)
        response.headers.add("Set-Cookie", TransactionCookie.removal(isSecure: publicURL.isSecure))
        return response
    }

    /// The page for a sign-in that does not belong to this browser. With a ticket, its button begins a new sign-in in
    /// this browser.
    private func lost(
        _ provider: AuthIntegration.Provider, _ ticket: GuestTicket?, _ why: String, _ request: Request
    ) -> Response {
        logger.info("sign-in lost", metadata: ["provider": "\(provider.rawValue)", "why": "\(why)"])
        let back = ticket.map { tokens.preauthPath(for: $0) } ?? "/"
        let instance = ticket.flatMap { instances.cached($0.instanceID) }
        return pages.response(
            .signInFailed(provider, .signinLost, back: back), of: instance, status: .badRequest, to: request)
    }
}
