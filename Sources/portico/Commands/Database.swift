import ArgumentParser
import Foundation
import Storage

struct Database: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Manage the database", subcommands: [Migrate.self])

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create the database or migrate its schema, and seal stored secrets with the first key",
            discussion: "Example: portico database migrate --config /etc/portico/portico.yaml")

        @OptionGroup var configuration: ConfigurationOption

        func run() async throws {
            let settings = try configuration.load()
            let store = try Services.openStore(settings, .migrate)
            let report = try await Services.migrate(store)
            let steps = report.applied.joined(separator: ", ")
            print("The schema is at version \(report.to)" + (steps.isEmpty ? "; no changes." : ". Applied: \(steps)."))
            let count = try await store.resealSecrets()
            if count > 0 { print("Stored secrets sealed with the first key: \(count).") }
            let keys = KeyReport(usage: try await store.secretKeyUsage(now: Date()))
            if let problem = keys.problem { throw ConfigurationProblems(lines: [problem]) }
        }
    }
}
