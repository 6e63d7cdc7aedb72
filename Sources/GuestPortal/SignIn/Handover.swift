import Captive
import Foundation
import HTTPServer
import NetworkAddress

/// The way out of a captive window in which the provider signs nobody in: a short address that carries the guest's
/// state into a browser on the same device, once.
extension GuestPortal {
    /// Seconds that a code is good.
    private static let handoverLifetime: TimeInterval = 600

    /// The page with the address, if this request comes from a window that the provider refuses.
    func handover(
        _ provider: AuthIntegration.Provider, _ ticket: GuestTicket, _ request: Request
    ) async throws -> GuestPage? {
        guard provider.refusesCaptiveWindows,
            let window = GuestPage.CaptiveWindow(userAgent: request.headers["User-Agent"])
        else { return nil }
        try await limitStarts(ticket, request)
        var generator = SystemRandomNumberGenerator()
        let code = HandoverCode.random(using: &generator)
        try await desk.handovers.keepHandover(
            code, ticket.message, expires: now() + Self.handoverLifetime, now: now())
        return .handover(provider, url: plainOrigin + "/go/" + code.rawValue, window: window)
    }

    /// Plain http is what people type, and what needs no certificate before they are online.
    private var plainOrigin: String { "http://" + (publicURL.isSecure ? publicURL.host : publicURL.authority) }

    /// The address, opened: back to the guest's own page, on the portal's origin, where the provider's answer will
    /// arrive and its cookie must be set.
    func takeHandover(_ request: Request) async throws -> Response {
        try limitHandovers(request)
        guard let code = request.pathParameters["code"].flatMap(HandoverCode.init(typed:)),
            let message = try await desk.handovers.takeHandover(code, now: now()),
            let ticket = GuestTicket(message: message)
        else {
            throw GuestRefusal(.linkExpired, wayBack: "/")
        }
        return redirect(.seeOther, to: tokens.preauthPath(for: ticket))
    }

    /// The codes are too long to be guessed; this bounds what trying costs the database.
    private func limitHandovers(_ request: Request) throws {
        guard let seconds = desk.handoverTries.take(request.client.countedAs, now: now()) else { return }
        throw GuestRefusal(.tries(seconds: seconds))
    }
}
