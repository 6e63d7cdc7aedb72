import ArgumentParser
import Captive
import Foundation
import Gateways
import GuestPortal
import HTTPClient
import Logging
import OAuth
import Storage
import TimeZones

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Validates the configuration, reaches the database, routers, identity providers and mail server; prints all problems."
    )

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        var settings = try configuration.load()
        // What it finds is its output; the log would say it a second time.
        settings.logLevel = .critical
        var findings = Self.advice(settings)
        var failure = CommandFailure()
        do {
            let books = try await Books(settings)
            try await Self.checkKeys(books, &findings, &failure)
            failure.lines += try await Self.routerProblems(books, &findings)
            failure.lines += try await Self.providerProblems(books, settings.publicURL, &findings)
        } catch let error as CommandFailure {
            // Without a database the rest can be looked at all the same.
            failure = error
        }
        do { try ZoneDatabase.system.check() } catch { failure.lines.append("schedules: \(error)") }
        failure.lines += await Self.mailProblems(settings, &findings)
        for line in findings { print(line) }
        guard failure.lines.isEmpty else { throw failure }
        print("All is well.")
    }

    /// Which keys the stored secrets need. A missing one is a problem of the configuration.
    private static func checkKeys(
        _ books: Books, _ findings: inout [String], _ failure: inout CommandFailure
    ) async throws {
        let keys = KeyReport(census: try await books.store.secretKeyUsage(now: Date()))
        findings += keys.lines
        guard let problem = keys.problem else { return }
        failure.lines.append("configuration: \(problem)")
        failure.exitCode = 78
    }

    /// What works, and yet should be changed.
    private static func advice(_ settings: Configuration) -> [String] {
        var lines: [String] = []
        if let url = settings.publicURL, !url.isSecure {
            lines.append("warning: public_url is http; phones ask for the Captive Portal API over https only")
        }
        if let server = settings.mail?.server, server.credentials != nil, server.encryption == .whereOffered {
            lines.append("warning: smtp.url sends a password wherever encryption is not offered; add ?tls=required")
        }
        if settings.publicURL?.isSecure == true, !settings.endsTLS {
            lines.append(
                "warning: public_url is https, but https.listen is off and no proxy is in trusted_proxies; the control "
                    + "API refuses all calls then")
        }
        if settings.publicURL == nil { lines.append("warning: public_url is not set; serve needs it") }
        return lines
    }

    /// What can be known of every integration without a person.
    private static func providerProblems(
        _ books: Books, _ publicURL: PublicURL?, _ findings: inout [String]
    ) async throws -> [String] {
        guard let publicURL else { return [] }
        var problems: [String] = []
        for integration in try await books.store.allIntegrations() {
            let redirectURI = SignInDesk.redirectURI(integration.provider, publicURL)
            let checks = await books.signIn.diagnose(integration, redirectURI: redirectURI)
            let name = "integration \(integration.name) (\(integration.id.text))"
            let failed = checks.filter { !$0.passed }
            problems += failed.map { "\(name): \($0.name): \($0.detail)" }
            if failed.isEmpty {
                findings.append("\(name): \(integration.provider.rawValue) answers and knows the client")
            }
        }
        return problems
    }

    /// Says hello to the mail server, encrypts and signs in, and sends nothing.
    private static func mailProblems(_ settings: Configuration, _ findings: inout [String]) async -> [String] {
        guard let server = settings.mail?.server else { return [] }
        do {
            try await MailClient(server, name: settings.publicURL?.host).check()
            findings.append(
                "smtp.url: \(server.host) answers" + (server.credentials == nil ? "" : " and knows the user"))
            return []
        } catch {
            return ["smtp.url: \(error)"]
        }
    }

    private static func routerProblems(_ books: Books, _ findings: inout [String]) async throws -> [String] {
        var problems: [String] = []
        for site in try await books.store.sitesWithRouter() {
            let name = site.name.map { "\($0) (\(site.id.text))" } ?? site.id.text
            let url = site.router?.url?.lowercased() ?? ""
            if url.hasPrefix("http://") || url.hasPrefix("api://") {
                findings.append("warning: site \(name): the router is reached without TLS")
            }
            let health: GatewayHealth
            do {
                guard let gateway = try await books.gateways.gateway(for: site.id) else { continue }
                health = await gateway.health()
            } catch let problem as GatewayError {
                health = GatewayHealth(problem: problem)
            }
            if let problem = health.problem {
                problems.append("site \(name): \(problem.explanation)")
            } else {
                findings.append("site \(name): router \(health.name ?? "answers") \(health.version ?? "")")
            }
        }
        return problems
    }
}
