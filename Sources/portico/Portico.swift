// portico is the program: its commands, its configuration, and `Portal`, which creates and connects all parts.
//
// Reading order: Configuration/Setting, Configuration/Configuration, Portal, PortalResponder, Commands/.

import ArgumentParser
import Foundation

@main
struct Portico: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "portico",
        abstract: "A captive portal for guest networks",
        discussion: """
            Run `portico demo` to try it, and `portico help COMMAND` for options and examples. Print shell completions with \
            `portico --generate-completion-script bash` (or zsh, fish).
            """,
        version: Version.text,
        subcommands: [Serve.self, Demo.self, Check.self, DoctorCommand.self, Token.self, Router.self, Database.self])

    /// Runs the command and exits: 0 on success, 64 for wrong usage, 78 for a wrong configuration, 1 for other errors.
    /// Each error is one line on standard error.
    static func main() async {
        // Files are readable by their owner only, because the database contains coupon codes.
        umask(0o077)
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            fail(error)
        }
    }

    private static func fail(_ error: any Error) -> Never {
        switch error {
        case let problems as ConfigurationProblems:
            for line in problems.lines { printError("configuration: \(line)") }
            Foundation.exit(78)
        case let failure as CommandFailure:
            for line in failure.lines { printError(line) }
            Foundation.exit(failure.exitCode)
        case let code as ExitCode:
            Foundation.exit(code.rawValue)
        default:
            let code = exitCode(for: error)
            guard code == .validationFailure else {
                // Help and version exit with success.
                if code == .success { exit(withError: error) }
                printError("\(error)")
                Foundation.exit(1)
            }
            printError(message(for: error))
            Foundation.exit(64)
        }
    }

    private static func printError(_ text: String) {
        let line = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .joined(separator: " ")
        try? FileHandle.standardError.write(contentsOf: Data("portico: \(line)\n".utf8))
    }
}

/// The failure of a command. Each line is one problem.
struct CommandFailure: Error {
    var lines: [String]
    var exitCode: Int32 = 1

    init(_ lines: String..., exitCode: Int32 = 1) {
        self.lines = lines
        self.exitCode = exitCode
    }
}

/// The program's version.
enum Version {
    static let text = "0.1.0"
}
