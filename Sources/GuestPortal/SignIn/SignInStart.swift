import Captive
import Foundation
import HTTPServer
import Logging
import NetworkAddress
import OAuth

/// The way to the identity provider.
extension GuestPortal {
    /// A guest's wish to sign in: opens the way on the router and sends the browser to the provider.
    func startSignIn(_ request: Request, _ instance: Instance, _ ticket: GuestTicket) async throws -> Response {
        let integration = try await integration(of: instance)
        if let page = try await handover(integration.provider, ticket, request) {
            return pages.response(page, of: instance, to: request)
        }
        try await limitStarts(ticket, request)
        return try await goToProvider(request, instance, ticket, integration)
    }

    /// Each start costs the router and the provider something.
    func limitStarts(_ ticket: GuestTicket, _ request: Request) async throws {
        guard let seconds = await waitBeforeTry(desk.starts, of: ticket, request) else { return }
        throw GuestRefusal(.tries(seconds: seconds), wayBack: tokens.preauthPath(for: ticket))
    }

    func integration(of instance: Instance) async throws -> AuthIntegration {
        guard let id = instance.integrationID, let integration = try await desk.integrations.integration(id) else {
            throw GuestRefusal(.network)
        }
        return integration
    }

    func goToProvider(
        _ request: Request, _ instance: Instance, _ ticket: GuestTicket, _ integration: AuthIntegration
    ) async throws -> Response {
        let response: Response
        do throws(SignInFailure) {
            response = try await leave(for: integration, .guest(ticket.forTheRoad), request)
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

    /// 303 to the provider, with the cookie that brings this browser's answer home.
    func leave(
        for integration: AuthIntegration, _ purpose: SignInPurpose, _ request: Request
    ) async throws(SignInFailure) -> Response {
        let cookie = TransactionCookie(of: request, isSecure: publicURL.isSecure)
        let (transaction, url) = try await desk.signIn.begin(
            integration, redirectURI: desk.redirectURI(integration.provider), browser: cookie.digest,
            context: purpose.context)
        var response = Response.redirect(.seeOther, to: url(desk.seal(transaction)))
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Set-Cookie"] = cookie.field(isSecure: publicURL.isSecure)
        return response
    }

    /// Nil when the way to `site` is open; else the page that says why the router did not open it.
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

    /// The page that says what happened and leads on, and a line for the operator;
    /// the provider's words are cleaned by the log's writer.
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
    /// As short as the way through an address line wants it: a very long destination is not worth failing for.
    var forTheRoad: GuestTicket {
        var ticket = self
        if (ticket.destination?.utf8.count ?? 0) > 1_024 { ticket.destination = nil }
        return ticket
    }
}

extension GuestPage {
    /// What somebody has to set up, and no trying again helps, is told from what may pass.
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
    /// A provider that cannot be reached is 503; one that refuses this portal, or answers what it should not, is 502.
    var status: Status {
        switch guestReason {
        case .denied, .account, .consent: .forbidden
        case .signinLost: .badRequest
        case .providerDown, .setup: isProviderAway ? .serviceUnavailable : .badGateway
        }
    }
}
