import ArgumentParser
import Captive
import Foundation
import Gateways
import GatewaySimulator
import HTTPServer
import Logging
import NetworkAddress
import OAuth
import Storage

struct Router: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Configure and simulate routers", subcommands: [Script.self, Simulate.self, SimulateMany.self])

    struct Script: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the RouterOS script that configures a router for this portal",
            discussion: """
                The script contains the password of the router's account: the stored password of the site or, if there is \
                none, a new one. Set a new password with PUT /captive/sites/{id}.

                Example: portico router script --site 9a7f1b2c-3d4e-4f5a-8b7c-8d9e0f1a2b3c > portico.rsc
                """)

        @OptionGroup var configuration: ConfigurationOption
        @Option(help: "The site's id.") var site: String
        @Option(help: "The guest network, /29 or larger.") var network = "10.5.50.0/24"
        @Option(help: "The bridge interface of the guest network.") var interface = "bridge-guests"
        @Option(help: "The router's DNS name on the guest network.") var routerName = "hotspot.guest"
        @Option(help: "The address or subnet from which the portal calls the router. Defaults to any address.")
        var portalAddress: String?

        func run() async throws {
            let (settings, publicURL) = try configuration.loadWithPublicURL()
            guard let id = UUID(uuidString: site) else { throw ValidationError("--site must be a site's id, a UUID") }
            guard let guests = Subnet(network) else {
                throw ValidationError("--network must be a subnet such as 10.5.50.0/24")
            }
            let portal = portalAddress.flatMap { Subnet($0) }
            guard portalAddress == nil || portal != nil else {
                throw ValidationError("--portal-address must be an address or a subnet")
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
            else { throw ValidationError("--network must be an IPv4 network of /29 or larger, such as 10.5.50.0/24") }
            print(script.text, terminator: "")
        }

        /// The domains that guests must reach to sign in at the providers of the site's instances. Providers with an IP
        /// address instead of a name are omitted, because the router's rules need names.
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
            abstract: "Run a simulated RouterOS device with REST interface and API",
            discussion:
                """
                Prints one line per listener: REST, then the API listeners in the order of the options.

                Example: portico router simulate --password secret --guest AA:BB:CC:DD:EE:01=10.5.50.2
                """)

        @Option(help: "The address and port of the REST interface; port 0 selects a free one.") var listen =
            "127.0.0.1:8728"
        @Option(help: "The address and port of the API; port 0 selects a free one. Off by default.") var api: String?
        @Option(help: "The address and port of the API over TLS. Requires --certificate and --key. Off by default.")
        var apiSsl: String?
        @Option(help: "The PEM file of the API's certificate.") var certificate: String?
        @Option(help: "The PEM file of the certificate's key.") var key: String?
        @Option(help: "The RouterOS release: 6.42 (with challenge login in the API), 6.49, 7.16 or 7.21.")
        var release = "7.16"
        @Option(help: "The user name.") var user = "admin"
        @Option(help: "The password.") var password: String
        @Option(help: "A device on the guest network, as MAC=IP. Repeatable.") var guest: [String] = []

        func run() async throws {
            guard let release = RouterRelease.all[self.release] else {
                throw ValidationError(
                    "--release must be one of \(RouterRelease.all.keys.sorted().joined(separator: ", "))")
            }
            let ports = try ports()
            let router = try SimulatedRouter(
                listen: try Self.address(listen, "--listen"), account: RouterAccount(name: user, password: password),
                api: ports.map(\.port), release: release,
                logger: Logger(label: "router") { LineLog(label: $0, level: .warning, format: .text) })
            for guest in self.guest {
                let parts = guest.split(separator: "=")
                guard parts.count == 2, let mac = MACAddress(parts[0]), let ip = IPAddress(parts[1]) else {
                    throw ValidationError("--guest must be MAC=IP, such as AA:BB:CC:DD:EE:01=10.5.50.2")
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
                guard let certificate, let key else {
                    throw ValidationError("--api-ssl requires --certificate and --key")
                }
                let files = Server.TLSConfiguration(certificateFile: certificate, keyFile: key)
                ports.append(("api-ssl", APIPort(try Self.address(apiSsl, "--api-ssl"), security: .tls(files))))
            }
            return ports
        }

        private static func address(_ text: String, _ option: String) throws -> SocketAddress {
            guard let address = SocketAddress(text) else {
                throw ValidationError("\(option) must be ADDRESS:PORT, such as 127.0.0.1:8728")
            }
            return address
        }
    }
}
