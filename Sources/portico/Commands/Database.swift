import ArgumentParser
import Foundation
import Storage

struct Database: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The database.", subcommands: [Migrate.self])

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Creates the database, or brings its schema up to date and seals its secrets with the first key.")

        @OptionGroup var configuration: ConfigurationOption

        func run() async throws {
            let settings = try configuration.load()
            let store = try Books.openStore(settings, isCreated: true)
            let report = try await store.migrate(now: Date())
            let steps = report.applied.joined(separator: ", ")
            print("The schema is at version \(report.to)" + (steps.isEmpty ? ", as it was." : ". New: \(steps)."))
            let count = try await store.resealSecrets()
            if count > 0 { print("Stored secrets sealed with the first key: \(count).") }
            let keys = KeyReport(census: try await store.secretKeyUsage(now: Date()))
            if let problem = keys.problem { throw ConfigurationProblems(lines: [problem]) }
        }
    }
}
