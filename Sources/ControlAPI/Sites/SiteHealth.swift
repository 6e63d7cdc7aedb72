import Captive

/// The response of `/sites/{siteId}/health`.
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
        reason: "router_missing", explanation: "The site has no router. Set one with a PUT of the site.")

    static let shape = Shape<SiteHealth>(
        "SiteHealth",
        [
            .init("status", "Whether the portal can control the router.") {
                $0.reason == nil ? Status.ok : .failing
            },
            .init("reason", "Machine-readable reason for `failing`, or null.") { $0.reason },
            .init("explanation", "What is wrong and what to do, or null.") { $0.explanation },
            .init("version", "The router's software version.") { $0.gateway.version },
            .init("uptime", "How long the router has been running, in seconds.") { $0.gateway.uptime },
            .init("name", "The router's name.") { $0.gateway.name },
            .init("warnings", "Problems of a router that is reachable, each with a fix.") {
                $0.gateway.warnings.map { $0.summary + " " + $0.remedy }
            },
        ])

    private enum Status: String, CaseIterable, JSONRepresentable {
        case ok, failing
    }
}
