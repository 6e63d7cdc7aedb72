import Captive

/// What `…/health` prints: `status` is `ok` or `failing`, and `reason` and `explanation` say why it fails.
struct SiteHealth {
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

    var json: JSONValue {
        [
            "status": reason == nil ? "ok" : "failing", "reason": JSONValue(reason),
            "explanation": JSONValue(explanation), "version": JSONValue(gateway.version),
            "uptime": JSONValue(gateway.uptime), "name": JSONValue(gateway.name),
        ]
    }
}
