import ArgumentParser
import Captive
import Foundation
import Gateways
import GatewaySimulator
import HTTPServer
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
}
