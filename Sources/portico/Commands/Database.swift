import ArgumentParser
import Foundation
import Storage

struct Database: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The database.", subcommands: [Migrate.self])

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Brings the schema up to date.")

        @OptionGroup var configuration: ConfigurationOption

        func run() async throws {
            let settings = try configuration.load()
            let store = try Books.openStore(settings)
            let report = try await store.migrate(now: Date())
            let steps = report.applied.joined(separator: ", ")
            print("The schema is at version \(report.to)" + (steps.isEmpty ? ", as it was." : ". New: \(steps)."))
        }
    }
}
