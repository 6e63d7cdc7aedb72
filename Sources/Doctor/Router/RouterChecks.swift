internal import Captive
internal import Foundation
internal import NetworkAddress
import Storage

/// Checks the health and the configuration of the site's router.
struct RouterChecks: Sendable {
    let site: Site
    let networks: SiteNetworks
    let endpoints: PortalEndpoints
    let sites: Store
    let gateways: any GatewayDirectory
    let gardens: WalledGardenPlanner

    func run() async -> [Finding] {
        guard let settings = site.router else { return [noRouter] }
        guard settings.driver != .none else { return [noDriver] }
        do {
            guard let gateway = try await gateways.gateway(for: site.id) else { return [noRouter] }
            let health = await gateway.health()
            let findings = [transport(settings)] + evaluate(health)
            if let problem = health.problem, !problem.answered { return findings }
            return await findings + inspect(gateway, settings)
        } catch {
            let summary = (error as? GatewayError)?.explanation ?? "Its settings could not be read."
            return [
                Finding(
                    .routerSettings, .problem, summary,
                    remedy: "Set the router again: PUT /captive/sites/\(site.id.text).")
            ]
        }
    }

    private func inspect(_ gateway: any Gateway, _ settings: RouterSettings) async -> [Finding] {
        let unable = "the driver \(settings.driver.rawValue) cannot read it"
        let setup = await (gateway as? any GatewayInspection)?.inspect() ?? GatewaySetup(unreadable: unable)
        let dhcp = NetworkCheck(networks: networks, endpoints: endpoints)
        let redirect = RedirectPageCheck(site: site.id, endpoints: endpoints)
        let garden = await readGarden(gateway)
        return
            evaluate(setup.clock, .routerClock, "clock") { [$0.finding] }
            + evaluate(setup.issues, .routerSetup, "hotspot", RouterChecks.findings(of:))
            + evaluate(setup.pages, .routerRedirect, "pages") { [redirect.finding($0)] }
            + evaluate(setup.networks, .routerNetworks, "DHCP", dhcp.findings)
            + garden + evaluate(setup.reachableHosts, .routerProbeHosts, "open hosts", ProbeHostCheck().findings)
            + evaluate(setup.names, .routerNames, "DNS") { [$0.finding(endpoints: endpoints)] }
    }

    private func readGarden(_ gateway: any Gateway) async -> [Finding] {
        do {
            let desired = try await gardens.garden(of: try await sitesOfRouter())
            return [WalledGardenCheck(desired: desired).finding(try await gateway.walledGarden())]
        } catch {
            let reason = (error as? GatewayError)?.explanation ?? "the database cannot be read"
            return evaluate(GatewaySetup.Reading<Bool>.unreadable(reason), .routerGarden, "walled garden") { _ in [] }
        }
    }

    /// The sites that share the router and so its walled garden.
    private func sitesOfRouter() async throws -> [UUID] {
        guard let mine = site.router?.sharedRouter else { return [site.id] }
        return try await sites.sitesWithRouter().filter { $0.router?.sharedRouter == mine }.map(\.id)
    }

    /// A part that cannot be read gives an `advice` finding, never `ok`.
    private func evaluate<Value>(
        _ reading: GatewaySetup.Reading<Value>, _ check: Finding.Check, _ part: String, _ evaluate: (Value) -> [Finding]
    ) -> [Finding] {
        switch reading {
        case .read(let value): evaluate(value)
        case .unreadable(let reason):
            [
                Finding(
                    check, .advice, "The router's \(part) could not be read: \(reason.sentence)",
                    remedy: "Check it on the router itself.")
            ]
        }
    }

    private static func findings(of issues: [SetupIssue]) -> [Finding] {
        guard !issues.isEmpty else {
            return [Finding(.routerSetup, .ok, "The router's hotspot is set up for the portal.")]
        }
        return issues.map {
            Finding(.routerSetup, $0.letsEverybodyIn ? .problem : .warning, $0.summary, remedy: $0.remedy)
        }
    }
}

extension RouterChecks {
    private var noRouter: Finding {
        Finding(
            .routerSettings, .problem, "The site has no router, so no guest can be authorized.",
            remedy: "Set a router: PUT /captive/sites/\(site.id.text).")
    }

    private var noDriver: Finding {
        Finding(
            .routerSettings, .advice, "The site's driver is `none`: sessions are stored, but no router is controlled.",
            remedy: "Set a router if the portal should control one.")
    }

    private func transport(_ settings: RouterSettings) -> Finding {
        let parts = settings.url.flatMap { URLComponents(string: $0) }
        guard ["http", "api"].contains(parts?.scheme?.lowercased()) else {
            return Finding(.routerSettings, .ok, "The site has a router.", evidence: [settings.driver.rawValue])
        }
        let host = parts?.host ?? ""
        let isLocal = host == "localhost" || host.hasPrefix("127.") || host == "[::1]"
        return Finding(
            .routerSettings, isLocal ? .advice : .warning,
            "The router is reached without TLS: its password is sent as plaintext.",
            remedy: "Use https or api-ssl in the router's url, and pin its certificate with certificate_sha256.",
            evidence: settings.url.map { [$0] } ?? [])
    }

    private func evaluate(_ health: GatewayHealth) -> [Finding] {
        let warnings = health.warnings.map { Finding(.routerHealth, .warning, $0.summary, remedy: $0.remedy) }
        let evidence = [health.name, health.version, health.uptime.map { "up for \($0) s" }].compactMap(\.self)
        guard let problem = health.problem else {
            return [Finding(.routerHealth, .ok, "The router responds and is ready.", evidence: evidence)] + warnings
        }
        let finding = Finding(
            .routerHealth, .problem, problem.explanation.sentence, remedy: problem.remedy(of: site),
            evidence: evidence + [problem.reason])
        return [finding] + warnings
    }
}

extension GatewayError {
    /// Whether the router responded, so that further requests make sense.
    fileprivate var answered: Bool {
        switch self {
        case .unreachable, .unauthorized, .busy: false
        default: true
        }
    }

    fileprivate func remedy(of site: Site) -> String {
        switch self {
        case .unreachable:
            "Check the router's power, the network and firewalls between, and the site's router url and certificate."
        case .unauthorized: "Set the user name and password again: PUT /captive/sites/\(site.id.text)."
        case .forbidden, .misconfigured: "Run the script of `portico router script` on the router."
        case .busy, .full, .deviceNotSeen, .deviceMismatch, .refused, .unsupported:
            "Try again in a minute; then read the router's log."
        }
    }
}

extension String {
    /// The text with a full stop at the end.
    fileprivate var sentence: String { hasSuffix(".") ? self : self + "." }
}
