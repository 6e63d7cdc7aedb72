import ArgumentParser
import Captive
import Foundation
import Gateways
import GatewaySimulator
import HTTPServer
import Logging
import NetworkAddress
import Storage

struct Router: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sites' routers.", subcommands: [Simulate.self])

    struct Simulate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs a simulated RouterOS device, for trying programs against its REST interface.")

        @Option(help: "Where it listens; port 0 takes a free one.") var listen = "127.0.0.1:8728"
        @Option(help: "The name of its user.") var user = "admin"
        @Option(help: "The user's password.") var password: String

        func run() async throws {
            guard let address = SocketAddress(listen) else {
                throw ValidationError("--listen takes ADDRESS:PORT, such as 127.0.0.1:8728")
            }
            let router = try SimulatedRouter(
                listen: address, account: RouterAccount(name: user, password: password),
                logger: Logger(label: "router") { LineLog(label: $0, level: .warning, format: .text) })
            StandardOutput.line("http://\(try router.start())")
            await TerminationSignal.wait()
            await router.stop()
        }
    }
}
