import ArgumentParser
import Foundation
import Logging

/// `--config FILE`, and what follows from it.
struct ConfigurationOption: ParsableArguments {
    @Option(name: .customLong("config"), help: "The configuration file (YAML). The environment overrides it.")
    var file: String?

    /// Reads and checks the configuration.
    func load(flags: [Setting: String] = [:]) throws(ConfigurationProblems) -> Configuration {
        let source = SettingSource(file: file, environment: ProcessInfo.processInfo.environment, flags: flags)
        return try Configuration(source)
    }
}

extension Configuration {
    func logger(_ label: String) -> Logger {
        Logger(label: label) { LineLog(label: $0, level: logLevel, format: logFormat) }
    }
}
