internal import Captive
internal import Foundation
internal import HTTPClient
internal import NetworkAddress

/// Requests the portal's pages as a guest does: the Captive Portal API, the entry and the sign-in page.
struct PortalChecks: Sendable {
    let endpoints: PortalEndpoints
    let http: HTTPClient
    let now: Date

    static let timeout: Duration = .seconds(6)

    /// Networks checked at most; a site may have hundreds.
    private static let networks = 12

    /// A locally administered MAC address, which no manufacturer assigns.
    private static let device = "02:00:00:D0:C7:07"

    func run(site: UUID, claims: [SubnetClaim]) async -> [Finding] {
        async let origin = examineOrigin(site)
        let entries = await withTaskGroup(of: Finding.self) { group in
            for claim in claims.prefix(Self.networks) { group.addTask { await enter(site, claim) } }
            return await group.reduce(into: [Finding]()) { $0.append($1) }
        }
        return await [endpoints.addressFinding] + origin + entries.sorted { ($0.subject ?? "") < ($1.subject ?? "") }
    }

    private func examineOrigin(_ site: UUID) async -> [Finding] {
        let headers = [(name: "Accept", value: "application/captive+json")]
        do throws(HTTPClientError) {
            let answer = try await get(endpoints.captivePortalAPI(of: site), headers)
            let apiFinding = CaptivePortalAPICheck(endpoints: endpoints, answer: answer).finding
            guard let certificate = answer.certificate else { return [apiFinding] }
            return [apiFinding] + CertificateCheck(certificate: certificate, host: endpoints.host, now: now).findings
        } catch {
            return [unreached(error)]
        }
    }

    private func unreached(_ error: HTTPClientError) -> Finding {
        if case .tls(let detail) = error {
            return Finding(
                .portalCertificate, .problem, "The TLS connection to the portal failed: \(detail).",
                remedy:
                    "Check https.listen, https.certificate and https.key, and any reverse proxy in front of the portal.",
                evidence: [endpoints.origin])
        }
        return Finding(
            .portalAPI, .problem, "The portal cannot be reached at public_url: \(error.phrase).",
            remedy: "Check that the portal is running and that public_url is its address.", evidence: [endpoints.origin]
        )
    }

    /// Sends the requests of a device that the router has redirected.
    private func enter(_ site: UUID, _ claim: SubnetClaim) async -> Finding {
        let address = claim.subnet.firstGuest
        let entry = "\(endpoints.origin)/hotspot/\(site.text)?mac=\(Self.device)&ip=\(address)"
        do throws(HTTPClientError) {
            let first = try await get(entry, [])
            guard first.status == 302, let page = first["Location"], page.hasPrefix(endpoints.origin + "/preauth?")
            else {
                return failed(claim, "the entry returns status \(first.status) instead of a redirect to the page")
            }
            let second = try await get(page, [("Accept", "text/html")])
            let isPage = second["Content-Type"]?.hasPrefix("text/html") == true
            guard second.status == 200, isPage, !second.body.isEmpty else {
                return failed(claim, "the page returns status \(second.status)")
            }
            return Finding(
                .portalEntry, .ok, "Guests on \(claim.subnet) reach the page.", subject: claim.subnet.description,
                evidence: ["\(second.body.count) bytes"])
        } catch {
            return failed(claim, error.phrase)
        }
    }

    private func failed(_ claim: SubnetClaim, _ reason: String) -> Finding {
        Finding(
            .portalEntry, .problem, "Guests on \(claim.subnet) do not reach the page: \(reason).",
            subject: claim.subnet.description,
            remedy: "Read the portal's log of this time; make sure no other service answers at \(endpoints.origin)."
        )
    }

    func get(
        _ url: String, _ headers: [(name: String, value: String)]
    ) async throws(HTTPClientError) -> HTTPResponse {
        try await http.send(
            HTTPRequest(
                "GET", url, headers: headers, timeout: Self.timeout,
                trust: .observed(extraAuthorities: endpoints.authorities), connectTo: endpoints.listener))
    }
}

extension Subnet {
    /// The first host address, or the only address of the subnet.
    fileprivate var firstGuest: IPAddress {
        guard case .v4(let number) = base, prefixLength < 31 else { return base }
        return .v4(number + 1)
    }
}

extension HTTPClientError {
    /// The error as a phrase for the end of a sentence.
    var phrase: String {
        switch self {
        case .timeout: "no response in time"
        case .connect(let detail), .interrupted(let detail), .tls(let detail), .other(let detail): detail
        case .addressRefused: "the address is not allowed"
        case .tooLarge: "the response is too long"
        case .cancelled: "the examination was cancelled"
        }
    }
}
