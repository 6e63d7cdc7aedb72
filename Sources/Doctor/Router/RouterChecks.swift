internal import Captive
internal import Foundation
internal import NetworkAddress

/// Asks the site's router how it is, and how it is set up.
struct RouterChecks: Sendable {
    let site: Site
    let networks: SiteNetworks
    let door: PortalEndpoints
    let sites: any SiteStore
    let gateways: any GatewayDirectory
    let gardens: WalledGardenPlanner

    func run() async -> [Finding] {
        guard let settings = site.router else { return [noRouter] }
        guard settings.driver != .none else { return [booksOnly] }
        do {
            guard let gateway = try await gateways.gateway(for: site.id) else { return [noRouter] }
            let health = await gateway.health()
            let seen = [transport(settings)] + judge(health)
            if let problem = health.problem, !problem.answered { return seen }
            return await seen + inspect(gateway, settings)
        } catch {
            let words = (error as? GatewayError)?.explanation ?? "Its settings could not be read."
            return [
                Finding(
                    .routerSettings, .problem, words,
                    remedy: "Set the router anew: PUT /captive/sites/\(site.id.text).")
            ]
        }
    }

    private func inspect(_ gateway: any Gateway, _ settings: RouterSettings) async -> [Finding] {
        let unable = "the driver \(settings.driver.rawValue) cannot read it"
        let setup = await (gateway as? any GatewayInspection)?.inspect() ?? GatewaySetup(unreadable: unable)
        let dhcp = NetworkCheck(networks: networks, door: door)
        let redirect = RedirectPageCheck(site: site.id, door: door)
        let garden = await readGarden(gateway)
        return
            judge(setup.clock, .routerClock, "clock") { [$0.finding] }
            + judge(setup.flaws, .routerSetup, "hotspot", RouterChecks.findings(of:))
            + judge(setup.pages, .routerRedirect, "pages") { [redirect.finding($0)] }
            + judge(setup.networks, .routerNetworks, "DHCP", dhcp.findings)
            + garden + judge(setup.openPlaces, .routerProbeHosts, "open hosts", ProbeHostCheck().findings)
            + judge(setup.names, .routerNames, "DNS") { [$0.finding(door: door)] }
    }

    private func readGarden(_ gateway: any Gateway) async -> [Finding] {
        do {
            let wanted = try await gardens.garden(of: try await guarded())
            return [WalledGardenCheck(wanted: wanted).finding(try await gateway.walledGarden())]
        } catch {
            let reason = (error as? GatewayError)?.explanation ?? "the books could not be read"
            return judge(GatewaySetup.Reading<Bool>.unreadable(reason), .routerGarden, "walled garden") { _ in [] }
        }
    }

    /// The sites that share the router, and with it the garden.
    private func guarded() async throws -> [UUID] {
        guard let mine = site.router?.sharedRouter else { return [site.id] }
        return try await sites.sitesWithRouter().filter { $0.router?.sharedRouter == mine }.map(\.id)
    }

    /// What cannot be read is not well: it is said.
    private func judge<Value>(
        _ reading: GatewaySetup.Reading<Value>, _ check: Finding.Check, _ part: String, _ judge: (Value) -> [Finding]
    ) -> [Finding] {
        switch reading {
        case .read(let value): judge(value)
        case .unreadable(let reason):
            [
                Finding(
                    check, .advice, "The router's \(part) could not be read: \(reason.sentence)",
                    remedy: "Look at it on the router itself.")
            ]
        }
    }

    private static func findings(of flaws: [GatewayFlaw]) -> [Finding] {
        guard !flaws.isEmpty else {
            return [Finding(.routerSetup, .ok, "The router catches guests as the portal needs it.")]
        }
        return flaws.map {
            Finding(.routerSetup, $0.letsEverybodyIn ? .problem : .warning, $0.summary, remedy: $0.remedy)
        }
    }
}

extension RouterChecks {
    private var noRouter: Finding {
        Finding(
            .routerSettings, .problem, "The site has no router, so nobody can be let through.",
            remedy: "Give it one: PUT /captive/sites/\(site.id.text).")
    }

    private var booksOnly: Finding {
        Finding(
            .routerSettings, .advice, "Guests are let through in the books only: the site's driver is `none`.",
            remedy: "Give the site a router if there is one that the portal should drive.")
    }

    private func transport(_ settings: RouterSettings) -> Finding {
        let parts = settings.url.flatMap { URLComponents(string: $0) }
        guard ["http", "api"].contains(parts?.scheme?.lowercased()) else {
            return Finding(.routerSettings, .ok, "The site has a router.", evidence: [settings.driver.rawValue])
        }
        let host = parts?.host ?? ""
        let isNear = host == "localhost" || host.hasPrefix("127.") || host == "[::1]"
        return Finding(
            .routerSettings, isNear ? .advice : .warning,
            "The router is reached without TLS: its password travels in clear.",
            remedy: "Use https or api-ssl in the router's url, and pin its certificate with certificate_sha256.",
            evidence: settings.url.map { [$0] } ?? [])
    }

    private func judge(_ health: GatewayHealth) -> [Finding] {
        let warnings = health.warnings.map { Finding(.routerHealth, .warning, $0.summary, remedy: $0.remedy) }
        let evidence = [health.name, health.version, health.uptime.map { "up for \($0) s" }].compactMap(\.self)
        guard let problem = health.problem else {
            return [Finding(.routerHealth, .ok, "The router answers and is ready.", evidence: evidence)] + warnings
        }
        let finding = Finding(
            .routerHealth, .problem, problem.explanation.sentence, remedy: problem.remedy(of: site),
            evidence: evidence + [problem.reason])
        return [finding] + warnings
    }
}

extension GatewayError {
    /// Whether the router said something, so that asking it more makes sense.
    fileprivate var answered: Bool {
        switch self {
        case .unreachable, .unauthorized, .busy: false
        default: true
        }
    }

    fileprivate func remedy(of site: Site) -> String {
        switch self {
        case .unreachable: "Check power, network and firewall on the way, the site's router url, and its certificate."
        case .unauthorized: "Set the user name and password anew: PUT /captive/sites/\(site.id.text)."
        case .forbidden, .misconfigured: "Run the script of `portico router script` on the router."
        case .busy, .full, .deviceNotSeen, .deviceMismatch, .refused, .unsupported:
            "Try again in a minute; then read the router's log."
        }
    }
}

extension String {
    /// Closed by a full stop, as others' words seldom are.
    fileprivate var sentence: String { hasSuffix(".") ? self : self + "." }
}
