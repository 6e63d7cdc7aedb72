import Captive
import ControlAPI
import Foundation
import GatewaySimulator
import Gateways
import HTTPServer
import IdentityProviderSimulator
import Logging
import NetworkAddress
import OAuth
import Pages

/// The parts of `portico demo`: a portal, a simulated router that the real driver controls, and a venue.
struct DemoPortal {
    private let folder: DemoFolder
    private let portal: Portal
    private let router: SimulatedRouter
    private let guests: Server
    private let providers: IdentityProviderSimulator
    private let description: DemoDescription

    private static let anyPort = SocketAddress(ip: .loopback, port: 0)
    private static let routerUser = "portico"

    /// Starts all parts. Each listens on loopback only.
    init(listen: SocketAddress, folder url: URL) async throws {
        folder = try DemoFolder(url)
        let port = try listen.port == 0 ? FreePort.find() : listen.port
        let address = SocketAddress(ip: listen.ip, port: port)
        guard let publicURL = PublicURL("http://\(address)") else {
            throw CommandFailure("--listen is not a usable address")
        }
        let quiet = Logger(label: "demo") { LineLog(label: $0, level: .warning, format: .text) }
        let routerPassword = try folder.secret(for: "router")
        router = try SimulatedRouter(
            listen: Self.anyPort, account: RouterAccount(name: Self.routerUser, password: routerPassword),
            identity: "Aurora-Gateway", logger: quiet)
        for page in RouterScript.pages(publicURL: publicURL.description, siteID: DemoVenue.siteID) {
            router.add("file", ["name": "portico/\(page.file)", "contents": page.html])
        }
        for network in [DemoVenue.network] + DemoSignIns.methods.map(\.network) {
            router.add("ip/dhcp-server/network", ["address": network])
        }
        let routerURL = "http://\(try router.start())"
        let signIns = DemoSignIns(secret: try folder.secret(for: "identity providers"))
        providers = try IdentityProviderSimulator(clients: [signIns.client(publicURL)], logger: quiet)
        let shared = try Self.shared(folder, publicURL, providers.start())
        let listeners: [Setting: String] = [
            .httpListen: address.description, .adminListen: "127.0.0.1:\(try FreePort.find())",
            .connectionsPerClient: "0",
        ]
        let settings = try Configuration(
            SettingSource(
                file: nil, environment: Self.environment, flags: shared.merging(listeners) { shared, _ in shared }))
        portal = try await Portal(settings, publicURL: publicURL)
        let venue = DemoVenue(services: portal.services, now: Date())
        let codes = try await venue.prepare(
            router: RouterSettings(
                driver: .routerosREST, url: routerURL, username: Self.routerUser, password: Secret(routerPassword)))
        try await signIns.prepare(portal.services, like: try venue.instance(), now: Date())
        _ = try portal.start()
        guests = CapturedGuestEntry(router: router, portal: publicURL.description, siteID: DemoVenue.siteID)
            .server(at: Self.anyPort, logger: quiet)
        let guestOrigin = "http://\(try guests.start()[0])/guest"
        let token = try await portal.services.issuer.issue(
            workspace: .default, scopes: Set(APIToken.Scope.allCases), lifetime: 86_400, now: Date())
        description = DemoDescription(
            portal_url: publicURL.description, guest_url: guestOrigin + "?mac=02:00:00:00:00:01&ip=10.5.0.11",
            router_url: routerURL, router_user: Self.routerUser, router_password: routerPassword,
            site_id: DemoVenue.siteID.text, coupon_instance_id: DemoVenue.couponInstanceID.text,
            coupons: codes.map(\.rawValue),
            sign_ins: Self.signIns(guests: guestOrigin, publicURL, SignedURL(sealer: portal.services.sealer)),
            token: token,
            preview_url: publicURL.description + Self.previewPath(portal.services.sealer),
            admin_url: "http://\(settings.admin.map(\.description) ?? "")",
            settings: Dictionary(uniqueKeysWithValues: shared.map { ($0.key.environmentName, $0.value) }))
    }

    /// The settings that other commands need to use the demo's database.
    private static func shared(
        _ folder: DemoFolder, _ publicURL: PublicURL, _ providers: IdentityProviderSimulator.Addresses
    ) throws -> [Setting: String] {
        [
            .publicURL: publicURL.description, .databaseURL: "sqlite://" + folder.path("portico.db"),
            .secretKeys: Data(try folder.key()).base64EncodedString(), .azureAuthority: providers.azureAuthority,
            .googleIssuer: providers.googleIssuer, .githubURL: providers.githubURL,
            .githubAPIURL: providers.githubAPIURL, .routersAllowLocal: "true",
        ]
    }

    /// The log level defaults to `warning`, to keep the printed addresses visible.
    private static var environment: [String: String] {
        let environment = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("PORTICO_LOG_") }
        return ["PORTICO_LOG_LEVEL": "warning"].merging(environment) { _, given in given }
    }

    private static func signIns(
        guests: String, _ publicURL: PublicURL, _ signatures: SignedURL
    ) -> [DemoDescription.SignIn] {
        DemoSignIns.methods.map { method in
            let test = signatures.sign("/auth-test/\(method.integrationID.text)", expires: Date() + SignedURL.lifetime)
            return DemoDescription.SignIn(
                provider: method.provider.rawValue, instance_id: method.instanceID.text,
                integration_id: method.integrationID.text,
                guest_url: "\(guests)?mac=\(method.guest.mac)&ip=\(method.guest.ip)",
                test_url: publicURL.description + test)
        }
    }

    private static func previewPath(_ sealer: Sealer) -> String {
        let ticket = PreviewTicket(instanceID: DemoVenue.couponInstanceID)
        let token = SealedToken(sealer: sealer, purpose: PreviewTicket.purpose)
            .make(ticket.message, expires: Date() + PreviewTicket.lifetime)
        return "/preauth?token=" + token
    }

    /// Reloads the certificates, as `serve` does.
    func reload() { portal.reload() }

    /// Stops all parts. `signal` is the reason for the log. Returns whether the database is a single complete file.
    func stop(at signal: String) async -> Bool {
        let isComplete = await portal.stop(at: signal)
        await guests.shutdown(grace: .zero)
        await router.stop()
        await providers.stop()
        return isComplete
    }

    /// Writes `demo.json` to the demo's folder, for programs. Call it when all parts are up. Only the owner can read
    /// it.
    func writeDescription() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .withoutEscapingSlashes, .sortedKeys]
        let part = folder.path("demo.json.part")
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
        guard
            FileManager.default.createFile(
                atPath: part, contents: try encoder.encode(description), attributes: attributes),
            rename(part, folder.path("demo.json")) == 0
        else { throw CommandFailure("\(part): cannot be written") }
    }

    var announcement: String { description.announcement }
}

/// The addresses and credentials of a demo.
struct DemoDescription: Encodable {
    var portal_url: String
    var guest_url: String
    var router_url: String
    var router_user: String
    var router_password: String
    var site_id: String
    var coupon_instance_id: String
    var coupons: [String]
    var sign_ins: [SignIn]
    var token: String
    var preview_url: String
    var admin_url: String
    /// The environment variables with which other commands use the demo's database.
    var settings: [String: String]

    /// The instance of one provider.
    struct SignIn: Encodable {
        var provider: String
        var instance_id: String
        var integration_id: String
        var guest_url: String
        var test_url: String
    }

    private func lines(_ address: (SignIn) -> String) -> String {
        sign_ins.map { "    \($0.provider.padding(toLength: 13, withPad: " ", startingAt: 0))\(address($0))" }
            .joined(separator: "\n")
    }

    var announcement: String {
        """
        Portico is up, with a simulated router and simulated identity providers. Open these in a browser:

          Be a guest     \(guest_url)
          Coupon codes   \(coupons.joined(separator: "  "))
          Preview        \(preview_url)

        Sign in instead of entering a code:

        \(lines(\.guest_url))

        Test an integration:

        \(lines(\.test_url))

        For admins:

          API            \(portal_url)/captive/instances
          Token          \(token)
          Router (REST)  \(router_url)/rest/ip/hotspot/active   user \(router_user), password \(router_password)
          Health         \(admin_url)/readyz

        Ctrl-C stops everything.
        """
    }
}
