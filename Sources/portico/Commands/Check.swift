import ArgumentParser
import Captive
import Foundation
import Gateways
import GuestPortal
import Storage

struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Validates the configuration, reaches the database and every site's router; prints all problems.")

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        let settings = try configuration.load()
        var findings = Self.advice(settings)
        let books = try await Books(settings)
        let problems = try await Self.routerProblems(books, &findings)
        for line in findings { print(line) }
        guard problems.isEmpty else {
            var failure = CommandFailure()
            failure.lines = problems
            throw failure
        }
        print("All is well.")
    }

    /// What works, and yet should be changed.
    private static func advice(_ settings: Configuration) -> [String] {
        var lines: [String] = []
        if let url = settings.publicURL, !url.isSecure {
            lines.append("warning: public_url is http; phones ask for the Captive Portal API over https only")
        }
        if settings.publicURL == nil { lines.append("warning: public_url is not set; serve needs it") }
        return lines
    }

    private static func routerProblems(_ books: Books, _ findings: inout [String]) async throws -> [String] {
        var problems: [String] = []
        for site in try await books.store.sitesWithRouter() {
            let name = site.name.map { "\($0) (\(site.id.text))" } ?? site.id.text
            if site.router?.url?.hasPrefix("http://") == true {
                findings.append("warning: site \(name): the router is reached without TLS")
            }
            guard let gateway = try await books.gateways.gateway(for: site.id) else { continue }
            let health = await gateway.health()
            if let problem = health.problem {
                problems.append("site \(name): \(problem.explanation)")
            } else {
                findings.append("site \(name): router \(health.name ?? "answers") \(health.version ?? "")")
            }
        }
        return problems
    }
}
