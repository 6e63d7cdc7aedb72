import ArgumentParser
import Foundation

struct Database: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "The database.", subcommands: [Migrate.self])

    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Brings the schema up to date.")

        @OptionGroup var configuration: ConfigurationOption

        func run() async throws {
            let database = try Books.openDatabase(configuration.load())
            let applied = try await database.migrate()
            print(
                applied.isEmpty
                    ? "The schema is up to date." : "Applied: \(applied.map(\.description).joined(separator: ", "))")
        }
    }
}
