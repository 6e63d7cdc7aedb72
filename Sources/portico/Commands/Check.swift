import ArgumentParser
import Captive
import Foundation
import Gateways
import GuestPortal
import HTTPClient
import HTTPServer
import Logging
import OAuth
import Storage
import TimeZones

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Check the configuration, database, routers, identity providers and mail server, and print all problems",
        discussion: """
            Changes nothing in the database. Exits with 0 if there is no problem, with 78 if the configuration is \
            wrong, and with 1 for any other problem.

            Example: portico check --config /etc/portico/portico.yaml
            """)

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        var settings = try configuration.load()
        // The log would repeat the output.
        settings.logLevel = .critical
        var findings = Self.advice(settings)
        var failure = CommandFailure()
        do {
            let services = try await Services(settings, .read)
            try await Self.checkKeys(services, &findings, &failure)
            failure.lines += try await Self.routerProblems(services, &findings)
            failure.lines += try await Self.providerProblems(services, settings.publicURL, &findings)
        } catch let error as CommandFailure {
            // The other checks need no database.
            failure = error
        }
        try Self.checkFiles(settings, &failure)
        do { try ZoneDatabase.system.check() } catch { failure.lines.append("schedules: \(error)") }
        failure.lines += await Self.mailProblems(settings, &findings)
        for line in findings { print(line) }
        guard failure.lines.isEmpty else { throw failure }
        print("OK: no problems found")
    }

    /// Loads the certificate, its key and the templates, as `serve` does.
    private static func checkFiles(_ settings: Configuration, _ failure: inout CommandFailure) throws {
        var problems: [String] = []
        do { try settings.tls?.check() } catch { problems += settings.problems(of: error).lines }
        do { _ = try Portal.renderer(settings.templates) } catch let error as ConfigurationProblems {
            problems += error.lines
        }
        guard !problems.isEmpty else { return }
        failure.lines += problems.map { "configuration: \($0)" }
        failure.exitCode = 78
    }

    /// Reports the keys that the stored secrets need. A missing key is a configuration problem.
    private static func checkKeys(
        _ services: Services, _ findings: inout [String], _ failure: inout CommandFailure
    ) async throws {
        let keys = KeyReport(usage: try await services.store.secretKeyUsage(now: Date()))
        findings += keys.lines
        guard let problem = keys.problem else { return }
        failure.lines.append("configuration: \(problem)")
        failure.exitCode = 78
    }

    /// Settings that work but should be changed.
    private static func advice(_ settings: Configuration) -> [String] {
        var lines: [String] = []
        if let url = settings.publicURL, !url.isSecure {
            lines.append("warning: public_url is http; phones use the Captive Portal API over https only")
        }
        if let server = settings.mail?.server, server.credentials != nil, server.encryption == .whereOffered {
            lines.append(
                "warning: smtp.url sends the password as plaintext if the server offers no encryption; add ?tls=required"
            )
        }
        if settings.publicURL?.isSecure == true, !settings.endsTLS {
            lines.append(
                "warning: public_url is https, but https.listen is off and trusted_proxies is empty; the control API then "
                    + "rejects all calls")
        }
        if settings.publicURL == nil { lines.append("warning: public_url is not set; `portico serve` requires it") }
        return lines
    }

    /// Checks every integration as far as possible without a person.
    private static func providerProblems(
        _ services: Services, _ publicURL: PublicURL?, _ findings: inout [String]
    ) async throws -> [String] {
        guard let publicURL else { return [] }
        var problems: [String] = []
        for integration in try await services.store.allIntegrations() {
            let redirectURI = SignInServices.redirectURI(integration.provider, publicURL)
            let checks = await services.signIn.diagnose(integration, redirectURI: redirectURI)
            let name = "integration \(integration.name) (\(integration.id.text))"
            let failed = checks.filter { !$0.passed }
            problems += failed.map { "\(name): \($0.name): \($0.detail)" }
            if failed.isEmpty {
                findings.append("\(name): \(integration.provider.rawValue) responds and accepts the client")
            }
        }
        return problems
    }

    /// Connects to the mail server, starts TLS and signs in. Sends no message.
    private static func mailProblems(_ settings: Configuration, _ findings: inout [String]) async -> [String] {
        guard let server = settings.mail?.server else { return [] }
        do {
            try await MailClient(server, name: settings.publicURL?.host).check()
            findings.append(
                "smtp.url: \(server.host) responds" + (server.credentials == nil ? "" : " and accepts the user"))
            return []
        } catch {
            return ["smtp.url: \(error)"]
        }
    }

    private static func routerProblems(_ services: Services, _ findings: inout [String]) async throws -> [String] {
        var problems: [String] = []
        for site in try await services.store.sitesWithRouter() {
            let name = site.name.map { "\($0) (\(site.id.text))" } ?? site.id.text
            let url = site.router?.url?.lowercased() ?? ""
            if url.hasPrefix("http://") || url.hasPrefix("api://") {
                findings.append("warning: site \(name): the router is reached without TLS")
            }
            let health: GatewayHealth
            do {
                guard let gateway = try await services.gateways.gateway(for: site.id) else { continue }
                health = await gateway.health()
            } catch let problem as GatewayError {
                health = GatewayHealth(problem: problem)
            }
            if let problem = health.problem {
                problems.append("site \(name): \(problem.explanation)")
            } else {
                findings.append("site \(name): router \(health.name ?? "responds") \(health.version ?? "")")
            }
        }
        return problems
    }
}
