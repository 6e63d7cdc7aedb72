import ArgumentParser
import Foundation
import HTTPServer

struct Demo: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Runs a complete portal on this machine, with a simulated router and identity providers, and nothing outside."
    )

    @Option(help: "Where the portal listens; port 0 takes a free one.") var listen = "127.0.0.1:8080"
    @Option(help: "Where the demo keeps its database and key.") var data = ".portico-demo"

    func run() async throws {
        guard let address = SocketAddress(listen) else {
            throw ValidationError("--listen takes ADDRESS:PORT, such as 127.0.0.1:8080")
        }
        let signals = ProcessSignals()
        let demo = try await DemoPortal(listen: address, folder: URL(filePath: data, directoryHint: .isDirectory))
        try demo.writeDescription()
        StandardOutput.line(demo.announcement)
        await demo.stop(at: await signals.stop { demo.reload() })
    }
}
