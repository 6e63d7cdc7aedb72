import ArgumentParser
import Captive
import Foundation
import Gateways
import GatewaySimulator
import HTTPServer
import Logging
import NetworkAddress

struct Router: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sites' routers.", subcommands: [Script.self, Simulate.self])

    struct Script: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the RouterOS script that turns a factory router into a gateway of this portal.")

        @OptionGroup var configuration: ConfigurationOption
        @Option(help: "The site's id.") var site: String
        @Option(help: "The guests' network.") var network = "10.5.50.0/24"
        @Option(help: "The interface that guests are on.") var interface = "bridge-guest"

        func run() async throws {
            let settings = try configuration.load()
            guard let publicURL = settings.publicURL else {
                throw ConfigurationProblems(lines: [
                    "public_url (PORTICO_PUBLIC_URL): is required to tell routers of it"
                ])
            }
            guard let id = UUID(uuidString: site) else { throw ValidationError("--site takes a site's id, a UUID") }
            guard let network = Subnet(network) else {
                throw ValidationError("--network takes a subnet such as 10.5.50.0/24")
            }
            let books = try await Books(settings)
            guard let site = try await books.store.site(id) else {
                throw CommandFailure("no site has the id \(id.text); `GET /captive/sites` lists them")
            }
            print(
                RouterScript(
                    portal: publicURL.description, site: site, network: network, interface: interface
                ).text, terminator: "")
        }
    }

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
            print("http://\(try router.start())")
            fflush(stdout)
            await TerminationSignal.wait()
            await router.stop()
        }
    }
}
