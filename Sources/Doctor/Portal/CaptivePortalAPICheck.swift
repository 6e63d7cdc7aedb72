internal import Captive
internal import Foundation
internal import HTTPClient

/// What devices make of the portal's Captive Portal API (RFC 8908). Android is the strictest: NetworkMonitor's
/// CaptivePortalDataShim takes 4,096 characters, and nothing without `user-portal-url`.
struct CaptivePortalAPICheck {
    let door: PortalEndpoints
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
        let content = try? JSONDecoder().decode(Content.self, from: Data(answer.body))
        if let flaw = flaw(content) {
            // Without TLS no device asks it, so that nobody is kept out.
            return Finding(
                .portalAPI, door.isSecure ? .problem : .advice, "The Captive Portal API \(flaw).",
                remedy: door.isSecure ? "Let nothing answer in the portal's place." : "Set public_url to https.",
                evidence: [door.captivePortalAPI, "status \(answer.status), \(answer["Content-Type"] ?? "no type")"])
        }
        return Finding(
            .portalAPI, .ok, "The Captive Portal API tells devices that they are captive, and where to sign in.",
            evidence: [door.captivePortalAPI] + (content?.venue.map { ["venue \($0)"] } ?? []))
    }

    private func flaw(_ content: Content?) -> String? {
        let type = (answer["Content-Type"] ?? "").lowercased().split(separator: ";").first ?? ""
        guard answer.status == 200 else { return "answers with status \(answer.status) instead of 200" }
        guard type == "application/captive+json" else { return "does not name its answer application/captive+json" }
        guard answer.body.count <= Self.longest else { return "answers with more than \(Self.longest) characters" }
        guard let content else { return "does not answer with the JSON that devices expect" }
        guard content.captive else { return "tells a stranger that it is online" }
        guard let portal = content.portal else { return "does not say where to sign in" }
        let links = [("user-portal-url", portal)] + (content.venue.map { [("venue-info-url", $0)] } ?? [])
        return links.first { !$0.1.hasPrefix("https://") }.map { "names an address that is not https in \($0.0)" }
    }
}
