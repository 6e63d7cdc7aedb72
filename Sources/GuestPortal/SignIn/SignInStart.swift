import Captive
import Foundation
import HTTPServer
import Logging
import NetworkAddress
import OAuth
import Pages
import Storage

/// The start of a sign-in.
extension GuestPortal {
    /// Starts a guest's sign-in: opens the sign-in window on the router and sends the browser to the provider.
    func startSignIn(_ request: Request, _ instance: Instance, _ ticket: GuestTicket) async throws -> Response {
        let integration = try await integration(of: instance)
        if let page = try await handover(integration.provider, ticket, request) {
            return pages.response(page, of: instance, to: request)
        }
        try await limitStarts(ticket, request)
        return try await beginSignIn(request, instance, ticket, integration)
    }

    /// Limits the starts, because each one costs calls to the router and the provider.
    func limitStarts(_ ticket: GuestTicket, _ request: Request) async throws {
        guard let seconds = await waitBeforeAttempt(signIns.starts, of: ticket, request) else { return }
        throw GuestRefusal(.tries(seconds: seconds), wayBack: tokens.preauthPath(for: ticket))
    }

    func integration(of instance: Instance) async throws -> AuthIntegration {
        guard let id = instance.integrationID, let integration = try await store.integration(id) else {
            throw GuestRefusal(.network)
        }
        return integration
    }

    func beginSignIn(
        _ request: Request, _ instance: Instance, _ ticket: GuestTicket, _ integration: AuthIntegration
    ) async throws -> Response {
        let response: Response
        do throws(SignInFailure) {
            response = try await redirect(toProviderOf: integration, .guest(ticket.shortenedForURL), request)
        } catch {
            return signInFailed(error, integration.provider, instance, ticket, request)
        }
        let site = response.headers["Location"].flatMap { WalledGardenRule(origin: $0) }
        if let page = try await openWindow(to: site, of: integration.provider, instance, ticket) {
            return pages.response(page, of: instance, status: .serviceUnavailable, to: request)
        }
        note("sign-in begun", ticket, ["provider": "\(integration.provider.rawValue)"])
        return response
    }

    /// Returns a 303 to the provider, with the cookie that ties the provider's answer to this browser.
    func redirect(
        toProviderOf integration: AuthIntegration, _ purpose: SignInPurpose, _ request: Request
    ) async throws(SignInFailure) -> Response {
        let cookie = TransactionCookie(of: request, isSecure: publicURL.isSecure)
        let (transaction, url) = try await signIns.signIn.begin(
            integration, redirectURI: signIns.redirectURI(integration.provider), browser: cookie.digest,
            context: purpose.context)
        var response = Response.redirect(.seeOther, to: url(signIns.seal(transaction)))
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Set-Cookie"] = cookie.field(isSecure: publicURL.isSecure)
        return response
    }

    /// Returns nil when the sign-in window at `site` is open; else the page that explains why the router did not open
    /// it.
    private func openWindow(
        to site: WalledGardenRule?, of provider: AuthIntegration.Provider, _ instance: Instance, _ ticket: GuestTicket
    ) async throws -> GuestPage? {
        guard let gateway = try await gateways.gateway(for: ticket.siteID) else { return nil }
        do throws(GatewayError) {
            if let site { try await (gateway as? any FASGateway)?.verifyReachable(site) }
            try await gateway.openWindow(ticket.client, for: instance.authWindowTTL)
            return nil
        } catch {
            note("auth window not opened", ticket, ["why": "\(error.reason)"])
            return .windowFailed(error, provider, again: tokens.preauthPath(for: ticket))
        }
    }

    /// Returns the page that explains the failure and how to continue. Writes a line for the operator; the log writer
    /// cleans the provider's text.
    func signInFailed(
        _ failure: SignInFailure, _ provider: AuthIntegration.Provider, _ instance: Instance?, _ ticket: GuestTicket,
        _ request: Request
    ) -> Response {
        note(
            "sign-in failed", ticket,
            [
                "provider": "\(provider.rawValue)", "why": "\(failure.kind.rawValue)", "detail": "\(failure.detail)",
                "words": "\(failure.providerMessage ?? "")",
            ])
        let problem = GuestPage.SignInProblem(failure.guestReason)
        return pages.response(
            .signInFailed(provider, problem, back: tokens.preauthPath(for: ticket)), of: instance,
            status: failure.status, to: request)
    }
}

extension GuestTicket {
    /// The ticket without a long destination, so that addresses do not exceed their length limit.
    var shortenedForURL: GuestTicket {
        var ticket = self
        if (ticket.destination?.utf8.count ?? 0) > 1_024 { ticket.destination = nil }
        return ticket
    }
}

extension GuestPage {
    /// Distinguishes problems that an operator has to fix, and that a retry does not fix, from temporary ones.
    static func windowFailed(
        _ error: GatewayError, _ provider: AuthIntegration.Provider, again: String
    ) -> GuestPage {
        switch error {
        case .misconfigured, .unauthorized, .forbidden: .signInFailed(provider, .setup, back: again)
        default: .failed(FailureReason(error), again: again)
        }
    }
}

extension GuestPage.FailureReason {
    init(_ error: GatewayError) {
        switch error {
        case .deviceNotSeen: self = .unseen
        case .deviceMismatch: self = .mismatch
        case .full: self = .full
        default: self = .router
        }
    }
}

extension GuestPage.SignInProblem {
    init(_ reason: SignInFailure.GuestReason) {
        switch reason {
        case .denied: self = .denied
        case .providerDown: self = .providerDown
        case .signinLost: self = .signinLost
        case .account: self = .account
        case .consent: self = .consent
        case .setup: self = .setup
        }
    }
}

extension SignInFailure {
    /// 503 for a provider that cannot be reached; 502 for one that refuses this portal or sends an invalid answer.
    var status: Status {
        switch guestReason {
        case .denied, .account, .consent: .forbidden
        case .signinLost: .badRequest
        case .providerDown, .setup: isProviderAway ? .serviceUnavailable : .badGateway
        }
    }
}
