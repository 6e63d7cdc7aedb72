internal import Captive
internal import Foundation
internal import HTTPClient
internal import NetworkAddress

/// Visits the portal's own pages as a guest does: the API for devices, and the way from the router's
/// redirect to the page.
struct PortalChecks: Sendable {
    let door: PortalEndpoints
    let http: HTTPClient
    let now: Date

    static let timeout: Duration = .seconds(6)

    /// Networks tried at most; a site may have hundreds.
    private static let networks = 12

    /// An address that no manufacturer gives out.
    private static let device = "02:00:00:D0:C7:07"

    func run(site: UUID, claims: [SubnetClaim]) async -> [Finding] {
        async let origin = examineOrigin(site)
        let entries = await withTaskGroup(of: Finding.self) { group in
            for claim in claims.prefix(Self.networks) { group.addTask { await enter(site, claim) } }
            return await group.reduce(into: [Finding]()) { $0.append($1) }
        }
        return await [door.addressFinding] + origin + entries.sorted { ($0.subject ?? "") < ($1.subject ?? "") }
    }

    private func examineOrigin(_ site: UUID) async -> [Finding] {
        let wanted = [(name: "Accept", value: "application/captive+json")]
        do throws(HTTPClientError) {
            let answer = try await get(door.captivePortalAPI(of: site), wanted)
            let judged = CaptivePortalAPICheck(door: door, answer: answer).finding
            guard let certificate = answer.certificate else { return [judged] }
            return [judged] + CertificateCheck(certificate: certificate, host: door.host, now: now).findings
        } catch {
            return [unreached(error)]
        }
    }

    private func unreached(_ error: HTTPClientError) -> Finding {
        if case .tls(let detail) = error {
            return Finding(
                .portalCertificate, .problem, "No secure connection to the portal comes about: \(detail).",
                remedy: "Check https.listen, https.certificate and https.key, and what ends TLS before the portal.",
                evidence: [door.origin])
        }
        return Finding(
            .portalAPI, .problem, "The portal cannot be reached at its own address: \(error.words).",
            remedy: "Check that the portal runs, and that public_url names it.", evidence: [door.origin])
    }

    /// As a device that the router has sent on.
    private func enter(_ site: UUID, _ claim: SubnetClaim) async -> Finding {
        let address = claim.subnet.firstGuest
        let entry = "\(door.origin)/hotspot/\(site.text)?mac=\(Self.device)&ip=\(address)"
        do throws(HTTPClientError) {
            let first = try await get(entry, [])
            guard first.status == 302, let page = first["Location"], page.hasPrefix(door.origin + "/preauth?") else {
                return failed(claim, "the entry answers with status \(first.status) instead of a redirect to the page")
            }
            let second = try await get(page, [("Accept", "text/html")])
            let isPage = second["Content-Type"]?.hasPrefix("text/html") == true
            guard second.status == 200, isPage, !second.body.isEmpty else {
                return failed(claim, "the page answers with status \(second.status)")
            }
            return Finding(
                .portalEntry, .ok, "A guest of \(claim.subnet) gets to the page.", subject: claim.subnet.description,
                evidence: ["\(second.body.count) bytes"])
        } catch {
            return failed(claim, error.words)
        }
    }

    private func failed(_ claim: SubnetClaim, _ words: String) -> Finding {
        Finding(
            .portalEntry, .problem, "A guest of \(claim.subnet) does not get to the page: \(words).",
            subject: claim.subnet.description,
            remedy: "Read the portal's log of this moment; check that nothing but the portal answers at \(door.origin)."
        )
    }

    func get(
        _ url: String, _ headers: [(name: String, value: String)]
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await http.send(
            HTTPRequest(
                "GET", url, headers: headers, timeout: Self.timeout,
                trust: .observed(extraAuthorities: door.authorities), connectTo: door.place))
    }
}

extension Subnet {
    /// The first address after the network's own, or the only one.
    fileprivate var firstGuest: IPAddress {
        guard case .v4(let number) = base, prefixLength < 31 else { return base }
        return .v4(number + 1)
    }
}

extension HTTPClientError {
    /// For the middle of a sentence.
    var words: String {
        switch self {
        case .timeout: "no answer in time"
        case .connect(let detail), .interrupted(let detail), .tls(let detail), .other(let detail): detail
        case .addressRefused: "its address is not admitted"
        case .tooLarge: "the answer is too long"
        case .cancelled: "the examination was ended"
        }
    }
}
