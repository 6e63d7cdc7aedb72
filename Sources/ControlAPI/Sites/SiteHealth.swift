import Captive

/// What `…/health` prints: `status` is `ok` or `failing`, and `reason` and `explanation` say why it fails.
struct SiteHealth: Shaped {
    private let reason: String?
    private let explanation: String?
    private let gateway: GatewayHealth

    init(_ gateway: GatewayHealth) {
        reason = gateway.problem?.reason
        explanation = gateway.problem?.explanation
        self.gateway = gateway
    }

    private init(reason: String, explanation: String) {
        self.reason = reason
        self.explanation = explanation
        gateway = GatewayHealth()
    }

    static let noRouter = SiteHealth(
        reason: "router_missing", explanation: "The site has no router yet; a PUT of the site gives it one.")

    static let shape = Shape<SiteHealth>(
        "SiteHealth",
        [
            .init("status", "Whether the portal can give the router orders.") {
                $0.reason == nil ? Status.ok : .failing
            },
            .init("reason", "Why not, as a stable word.") { $0.reason },
            .init("explanation", "Why not, and what to do, for people.") { $0.explanation },
            .init("version", "The router's software.") { $0.gateway.version },
            .init("uptime", "How long the router has been running, in its own words.") { $0.gateway.uptime },
            .init("name", "What the router calls itself.") { $0.gateway.name },
            .init("warnings", "What the router cannot do although it answers, and the remedy, for people.") {
                $0.gateway.warnings.map { $0.summary + " " + $0.remedy }
            },
        ])

    private enum Status: String, CaseIterable, JSONRepresentable {
        case ok, failing
    }
}
