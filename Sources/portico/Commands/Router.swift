import ArgumentParser
import Captive
import Foundation
import Gateways
import GatewaySimulator
import GuestPortal
import HTTPServer
import Logging
import NetworkAddress
import OAuth
import Storage

struct Router: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Sites' routers.", subcommands: [Script.self, Simulate.self, SimulateMany.self])

    struct Script: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Prints the RouterOS script that turns a factory router into a gateway of this portal.",
            discussion: """
                The script holds the password of the router's account: the site's stored one, or a new one, which then has \
                to be given to the site (PUT /captive/sites/{id}).
                """)

        @OptionGroup var configuration: ConfigurationOption
        @Option(help: "The site's id.") var site: String
        @Option(help: "The guests' network, at most a /29.") var network = "10.5.50.0/24"
        @Option(help: "The name of the bridge that guests are on.") var interface = "bridge-guests"
        @Option(help: "The name under which guests' devices know the router.") var routerName = "hotspot.guest"
        @Option(help: "Where the portal's calls come from: an address or a subnet. Anywhere, if left out.")
        var portalAddress: String?

        func run() async throws {
            let (settings, publicURL) = try configuration.loadWithPublicURL()
            guard let id = UUID(uuidString: site) else { throw ValidationError("--site takes a site's id, a UUID") }
            guard let guests = Subnet(network) else {
                throw ValidationError("--network takes a subnet such as 10.5.50.0/24")
            }
            let portal = portalAddress.flatMap { Subnet($0) }
            guard portalAddress == nil || portal != nil else {
                throw ValidationError("--portal-address takes an address or a subnet")
            }
            let services = try await Services(settings)
            guard let site = try await services.store.site(id) else {
                throw CommandFailure("no site has the id \(id.text); `GET /captive/sites` lists them")
            }
            let password = site.router?.password ?? RouterScript.makePassword()
            guard password.revealed != nil else {
                throw CommandFailure("the stored router password \(Secret.unreadableAdvice)")
            }
            guard
                let script = RouterScript(
                    publicURL: publicURL.description, siteID: id, driver: site.router?.driver ?? .routerosREST,
                    interface: interface, network: guests,
                    routerName: routerName, account: site.router?.username ?? "portico",
                    password: password, portalAddress: portal,
                    signInDomains: try await Self.signInDomains(of: id, services))
            else { throw ValidationError("--network must be an IPv4 network that holds guests, such as 10.5.50.0/24") }
            print(script.text, terminator: "")
        }

        /// What guests must reach to sign in at the providers of the site's instances. A router learns addresses by
        /// name, so a provider that has none is left out.
        private static func signInDomains(of siteID: UUID, _ services: Services) async throws -> [String] {
            var domains: Set<String> = []
            for instance in try await services.store.instances(at: siteID) {
                guard let id = instance.integrationID, let integration = try await services.store.integration(id) else {
                    continue
                }
                domains.formUnion(services.signIn.walledGardenHosts(for: integration.provider))
            }
            return domains.map { $0.hasPrefix("*.") ? String($0.dropFirst(2)) : $0 }.filter { IPAddress($0) == nil }
                .sorted()
        }
    }

    struct Simulate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs a simulated RouterOS device, for trying programs against its REST interface and its API.",
            discussion:
                "Prints where it listens, a line for each interface: REST, then the API's in the order of the options.")

        @Option(help: "Where it listens; port 0 takes a free one.") var listen = "127.0.0.1:8728"
        @Option(help: "Where its API listens, if anywhere; port 0 takes a free one.") var api: String?
        @Option(help: "Where its API listens with TLS, if anywhere; needs --certificate and --key.") var apiSsl: String?
        @Option(help: "The PEM file of the API's certificate.") var certificate: String?
        @Option(help: "The PEM file of the certificate's key.") var key: String?
        @Option(help: "The RouterOS that it is: 6.42 (whose API logs in by challenge), 6.49, 7.16 or 7.21.")
        var release = "7.16"
        @Option(help: "The name of its user.") var user = "admin"
        @Option(help: "The user's password.") var password: String
        @Option(help: "A device on its guest network, as MAC=IP; may be given again.") var guest: [String] = []

        func run() async throws {
            guard let release = RouterRelease.all[self.release] else {
                throw ValidationError("--release takes \(RouterRelease.all.keys.sorted().joined(separator: ", "))")
            }
            let ports = try ports()
            let router = try SimulatedRouter(
                listen: try Self.address(listen, "--listen"), account: RouterAccount(name: user, password: password),
                api: ports.map(\.port), release: release,
                logger: Logger(label: "router") { LineLog(label: $0, level: .warning, format: .text) })
            for guest in self.guest {
                let parts = guest.split(separator: "=")
                guard parts.count == 2, let mac = MACAddress(parts[0]), let ip = IPAddress(parts[1]) else {
                    throw ValidationError("--guest takes MAC=IP, such as AA:BB:CC:DD:EE:01=10.5.50.2")
                }
                router.connect(mac, ip)
            }
            let signals = ProcessSignals()
            StandardOutput.line("http://\(try router.start())")
            for (port, address) in zip(ports, router.apiAddresses) {
                StandardOutput.line("\(port.scheme)://\(address)")
            }
            _ = await signals.stop()
            await router.stop()
        }

        private func ports() throws -> [(scheme: String, port: APIPort)] {
            var ports: [(scheme: String, port: APIPort)] = []
            if let api { ports.append(("api", APIPort(try Self.address(api, "--api")))) }
            if let apiSsl {
                guard let certificate, let key else { throw ValidationError("--api-ssl needs --certificate and --key") }
                let files = Server.TLSConfiguration(certificateFile: certificate, keyFile: key)
                ports.append(("api-ssl", APIPort(try Self.address(apiSsl, "--api-ssl"), security: .tls(files))))
            }
            return ports
        }

        private static func address(_ text: String, _ option: String) throws -> SocketAddress {
            guard let address = SocketAddress(text) else {
                throw ValidationError("\(option) takes ADDRESS:PORT, such as 127.0.0.1:8728")
            }
            return address
        }
    }
}
