import Captive
import Foundation
import HTTPServer

/// The Captive Portal API (RFC 8908) for guests that reach the portal directly, keyed by the guest's own address.
extension GuestPortal {
    func captivePortalAPI(_ request: Request) async throws -> Response {
        let session = try await books.sessions.runningSessions(at: request.client, now: now())
            .first { $0.status == .active }
        var answer = CaptivePortalAnswer(captive: session == nil, portal: try await portalAddress(request))
        answer.secondsRemaining = session?.secondsLeft(at: now())
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return Response(
            .ok,
            headers: [
                "Content-Type": "application/captive+json", "Cache-Control": "private, no-store", "Vary": "Accept",
            ], body: .bytes(Array(try encoder.encode(answer))))
    }

    private func portalAddress(_ request: Request) async throws -> String {
        let claim = try await books.instances.subnets().onlyClaim(request.client)
        return claim.map { "\(publicURL)/hotspot/\($0.siteID.text)" } ?? "\(publicURL)/"
    }
}

/// RFC 8908 section 5.
private struct CaptivePortalAnswer: Encodable {
    var captive: Bool
    var userPortalURL: String
    /// A guest enters a new code only when the session is over.
    var canExtendSession = false
    var secondsRemaining: Int?

    init(captive: Bool, portal: String) {
        self.captive = captive
        userPortalURL = portal
    }

    enum CodingKeys: String, CodingKey {
        case captive
        case userPortalURL = "user-portal-url"
        case canExtendSession = "can-extend-session"
        case secondsRemaining = "seconds-remaining"
    }
}
