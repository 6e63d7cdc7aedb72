import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage

/// The Captive Portal API (RFC 8908) for guests that reach the portal directly; the key is the guest's own address.
/// Costs two look-ups, independent of the number of sessions, and one more for a guest who is online.
extension GuestPortal {
    /// Several sites may use the same private subnet. Then `?site=`, from the site's own DHCP option 114, selects the
    /// site; without it the response contains no session, so a guest cannot read the remaining time of another. An IPv6
    /// address always needs `?site=`.
    func captivePortalAPI(_ request: Request) async throws -> Response {
        let subnets = try await instances.subnets()
        let site = request.queryValue("site").flatMap(UUID.init(uuidString:))
        let claim = site.map { subnets.claim(at: $0, request.client) } ?? subnets.onlyClaim(request.client)
        guard let siteID = claim?.siteID ?? site else { return answer(noSession) }
        let session = try await newestSession(at: request.client, siteID, request)
        guard let instanceID = session?.instanceID ?? claim?.instanceID else { return answer(noSession) }
        return answer(try await state(session, instanceID, siteID))
    }

    private var noSession: CaptivePortalAnswer { CaptivePortalAnswer(captive: true, portal: "\(publicURL)/") }

    private func state(
        _ session: GuestSession?, _ instanceID: Instance.ID, _ siteID: UUID
    ) async throws -> CaptivePortalAnswer {
        guard let instance = try await instances.instance(instanceID) else {
            return noSession
        }
        let session = confirmed(session)
        var answer = CaptivePortalAnswer(captive: session == nil, portal: "\(publicURL)/hotspot/\(siteID.text)")
        answer.venueInfoURL = instance.venueInfoURL?.description
        answer.canExtendSession = instance.strategy == .coupon
        answer.secondsRemaining = session?.secondsLeft(at: now())
        answer.bytesRemaining = session.flatMap { limits.bytesLeft(of: $0.client, at: $0.siteID) }
        return answer
    }

    /// Returns the newest active session at `address`, else the newest connecting one: a request that names the address
    /// can begin a connecting session without a proof. A session counts even if the subnet now belongs to another
    /// instance: the router still authorizes the device.
    private func newestSession(
        at address: IPAddress, _ siteID: UUID, _ request: Request
    ) async throws -> GuestSession? {
        let here = try await store.runningSessions(at: address, atSite: siteID, now: now())
        let newest = here.max {
            ($0.authorizedAt ?? .distantPast, $0.createdAt) < ($1.authorizedAt ?? .distantPast, $1.createdAt)
        }
        if let newest { return newest }
        return try await session(ofDeviceAt: address, siteID, request)
    }

    /// Returns nil for a session that the router has not confirmed, at its start or after a move.
    private func confirmed(_ session: GuestSession?) -> GuestSession? {
        session.flatMap { $0.status == .active && $0.awaitingSince == nil ? $0 : nil }
    }

    private func answer(_ answer: CaptivePortalAnswer) -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        // Safe because two booleans, a text and numbers always have a JSON form.
        let body = (try? encoder.encode(answer)).map(Array.init) ?? []
        return Response(
            .ok,
            headers: [
                "Content-Type": "application/captive+json", "Cache-Control": "private, no-store", "Vary": "Accept",
            ], body: .bytes(body))
    }
}

/// RFC 8908 section 5.
private struct CaptivePortalAnswer: Encodable {
    var captive: Bool
    var userPortalURL: String
    /// A page of the venue; omitted if the venue has none.
    var venueInfoURL: String?
    /// Whether the portal's page extends a running session: another coupon does, another sign-in does not.
    var canExtendSession = false
    /// Omitted for a captive guest, as the RFC requires.
    var secondsRemaining: Int?
    /// Omitted unless the router limits the guest's bytes.
    var bytesRemaining: Int?

    init(captive: Bool, portal: String) {
        self.captive = captive
        userPortalURL = portal
    }

    enum CodingKeys: String, CodingKey {
        case captive
        case userPortalURL = "user-portal-url"
        case venueInfoURL = "venue-info-url"
        case canExtendSession = "can-extend-session"
        case secondsRemaining = "seconds-remaining"
        case bytesRemaining = "bytes-remaining"
    }
}
