internal import Captive
internal import Foundation
internal import HTTPClient
internal import NetworkAddress

/// Checks the portal's Captive Portal API (RFC 8908) by Android's rules, which are the strictest: NetworkMonitor's
/// CaptivePortalDataShim accepts at most 4,096 characters and requires `user-portal-url`.
struct CaptivePortalAPICheck {
    let endpoints: PortalEndpoints
    let answer: HTTPResponse

    private struct Content: Decodable {
        var captive: Bool
        var portal: String?
        var venue: String?

        enum CodingKeys: String, CodingKey {
            case captive
            case portal = "user-portal-url"
            case venue = "venue-info-url"
        }
    }

    private static let longest = 4_096

    var finding: Finding {
        let content = try? JSONDecoder().decode(Content.self, from: Data(answer.body.streamSafeJSON))
        if let issue = issue(content) {
            // Without TLS no device calls the API, so a wrong response affects no guest.
            return Finding(
                .portalAPI, endpoints.isSecure ? .problem : .advice, "The Captive Portal API \(issue).",
                remedy: endpoints.isSecure
                    ? "Make sure no other service answers on the portal's address." : "Set public_url to https.",
                evidence: [
                    endpoints.captivePortalAPI, "status \(answer.status), \(answer["Content-Type"] ?? "no type")",
                ])
        }
        return Finding(
            .portalAPI, .ok, "The Captive Portal API reports captivity and the address of the sign-in page.",
            evidence: [endpoints.captivePortalAPI] + (content?.venue.map { ["venue \($0)"] } ?? []))
    }

    private func issue(_ content: Content?) -> String? {
        let type = (answer["Content-Type"] ?? "").lowercased().split(separator: ";").first ?? ""
        guard answer.status == 200 else { return "returns status \(answer.status) instead of 200" }
        guard type == "application/captive+json" else {
            return "does not return the content type application/captive+json"
        }
        guard answer.body.count <= Self.longest else { return "returns more than \(Self.longest) characters" }
        guard let content else { return "does not return the JSON that devices expect" }
        guard content.captive else { return "reports that a device without a session is online" }
        guard let portal = content.portal else { return "does not return the address where to sign in" }
        let links = [("user-portal-url", portal)] + (content.venue.map { [("venue-info-url", $0)] } ?? [])
        return links.first { !$0.1.hasPrefix("https://") }.map { "returns an address that is not https in \($0.0)" }
    }
}
