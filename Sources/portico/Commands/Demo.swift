import ArgumentParser
import Foundation
import HTTPServer

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a self-contained demo with a simulated router and identity providers",
        discussion: """
            Makes no connections outside this machine. Prints the addresses to open in a browser. Ctrl-C stops the demo.

            Example: portico demo --listen 127.0.0.1:8080
            """)

    @Option(help: "The portal's address and port; port 0 selects a free one.") var listen = "127.0.0.1:8080"
    @Option(help: "The folder of the demo's database and key.") var data = ".portico-demo"

    func run() async throws {
        guard let address = SocketAddress(listen) else {
            throw ValidationError("--listen must be ADDRESS:PORT, such as 127.0.0.1:8080")
        }
        let signals = ProcessSignals()
        let demo = try await DemoPortal(listen: address, folder: URL(filePath: data, directoryHint: .isDirectory))
        try demo.writeDescription()
        StandardOutput.line(demo.announcement)
        guard await demo.stop(at: await signals.stop { demo.reload() }) else { throw ExitCode.failure }
    }
}
