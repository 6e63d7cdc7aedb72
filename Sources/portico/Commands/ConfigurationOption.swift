import ArgumentParser
import Captive
import Foundation
import Logging

/// The option `--config FILE`.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .customLong("config"), help: "The configuration file (YAML). Environment variables override it.")
    var file: String?

    /// Reads and checks the configuration.
    func load() throws(ConfigurationProblems) -> Configuration {
        try Configuration(SettingSource(file: file, environment: ProcessInfo.processInfo.environment))
    }

    /// Reads and checks the configuration, with `public_url` required.
    func loadWithPublicURL() throws(ConfigurationProblems) -> (Configuration, PublicURL) {
        let missing = "public_url (PORTICO_PUBLIC_URL): is required: an origin such as https://portal.example.org"
        let source = SettingSource(file: file, environment: ProcessInfo.processInfo.environment)
        do {
            let settings = try Configuration(source)
            if let publicURL = settings.publicURL { return (settings, publicURL) }
        } catch {
            throw ConfigurationProblems(lines: (source.texts[.publicURL] == nil ? [missing] : []) + error.lines)
        }
        throw ConfigurationProblems(lines: [missing])
    }
}

extension Configuration {
    func logger(_ label: String) -> Logger {
        Logger(label: label) { LineLog(label: $0, level: logLevel, format: logFormat) }
    }
}
