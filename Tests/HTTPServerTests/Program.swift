import Foundation

/// Runs a command line program and waits for its end.
enum Program {
    struct Failure: Error { let output: String }

    static func run(_ words: String...) throws -> String { try run(words, input: "") }

    /// Returns the program's standard output and standard error. Throws if it fails, unless `mayFail`.
    static func run(_ words: [String], input: String, mayFail: Bool = false) throws -> String {
        let (program, given, output) = (Process(), Pipe(), Pipe())
        program.executableURL = URL(filePath: "/usr/bin/env")
        program.arguments = words
        program.standardInput = given
        program.standardOutput = output
        program.standardError = output
        try program.run()
        try given.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try given.fileHandleForWriting.close()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        program.waitUntilExit()
        guard mayFail || program.terminationStatus == 0 else { throw Failure(output: text) }
        return text
    }
}
