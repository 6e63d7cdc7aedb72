import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Pages
import Storage

/// Moves a guest out of a captive window in which the provider refuses sign-ins: a short address transfers the guest's
/// state to a browser on the same device, once.
extension GuestPortal {
    /// Seconds for which a code is valid.
    private static let handoverLifetime: TimeInterval = 600

    /// Returns the page with the address, if this request comes from a window that the provider refuses.
    func handover(
        _ provider: AuthIntegration.Provider, _ ticket: GuestTicket, _ request: Request
    ) async throws -> GuestPage? {
        guard provider.refusesCaptiveWindows,
            let window = GuestPage.CaptiveWindow(userAgent: request.headers["User-Agent"])
        else { return nil }
        try await limitStarts(ticket, request)
        var generator = SystemRandomNumberGenerator()
        let code = HandoverCode.random(using: &generator)
        try await store.keepHandover(
            code, ticket.message, expires: now() + Self.handoverLifetime, now: now())
        return .handover(provider, url: plainOrigin + "/go/" + code.rawValue, window: window)
    }

    /// Plain http: people type addresses without a scheme, and it needs no certificate before they are online.
    private var plainOrigin: String { "http://" + (publicURL.isSecure ? publicURL.host : publicURL.authority) }

    /// Handles the short address: redirects to the guest's own page, on the portal's origin, at which the provider's
    /// answer arrives and for which the cookie must be set.
    func takeHandover(_ request: Request) async throws -> Response {
        try limitHandovers(request)
        guard let code = request.pathParameters["code"].flatMap(HandoverCode.init(typed:)),
            let message = try await store.takeHandover(code, now: now()),
            let ticket = GuestTicket(message: message)
        else {
            throw GuestRefusal(.linkExpired, wayBack: "/")
        }
        return redirect(.seeOther, to: tokens.preauthPath(for: ticket))
    }

    /// The codes are too long to guess; this bounds the database load of guessing.
    private func limitHandovers(_ request: Request) throws {
        guard let seconds = signIns.handoverTries.take(request.client.countedAs, now: now()) else { return }
        throw GuestRefusal(.tries(seconds: seconds))
    }
}
