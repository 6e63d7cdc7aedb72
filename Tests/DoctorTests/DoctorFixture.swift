// These tests run the doctor on portals, routers and databases with one fault each, over real sockets on loopback.
// Reading order: DoctorFixture, FakePortal, then a file for each subject.

import Captive
import Crypto
import Doctor
import Foundation
import GatewaySimulator
import Gateways
import HTTPClient
import HTTPServer
import Logging
import NetworkAddress
import Storage
import Testing

/// A site without problems: a portal with a certificate of a trusted authority, a router that is set up for it, and one
/// instance with coupons. Tests add a fault.
final class DoctorFixture: Sendable {
    let store: Store
    let router: SimulatedRouter
    let portal: FakePortal
    let authority: TestAuthority
    let siteID = UUID()
    private let database: SQLiteDatabase
    private let doctor: PortalDoctor

    static let name = "portal.example.org"
    static let origin = "https://\(name)"
    static let network = "10.5.0.0/16"
    private static let anywhere = SocketAddress(ip: .loopback, port: 0)

    /// `certificate` returns the portal's certificate, by default one for its name, signed by the authority. `api` is
    /// the router's RouterOS release; the driver then uses the router's API instead of REST.
    init(
        api: RouterRelease? = nil,
        certificate: (TestAuthority) throws -> Server.TLSConfiguration = {
            try $0.certificate(for: DoctorFixture.name)
        },
        integration: AuthIntegration.Provider? = nil, checks: [SignInDirectory.Check] = [],
        answers change: (inout FakePortal.Answers) -> Void = { _ in }
    ) async throws {
        authority = try TestAuthority()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        database = try SQLiteDatabase(path: authority.path("portico.db"))
        store = Store(database, sealer: try #require(Sealer(keys: [[UInt8](repeating: 7, count: 32)])))
        _ = try await store.migrate(now: Date())
        router = try SimulatedRouter(
            listen: Self.anywhere, account: RouterAccount(name: "portico", password: "router-password"),
            api: api == nil ? [] : [APIPort(Self.anywhere)], release: api ?? .v7_16, logger: logger)
        portal = FakePortal(origin: Self.origin, change)
        let (plain, secure) = (FakePortal(origin: Self.origin, change), portal)
        let endpoints = try #require(
            PortalEndpoints(
                origin: Self.origin, plain: "\(try plain.start(at: Self.anywhere))",
                secure: "\(try secure.start(at: Self.anywhere, tls: certificate(authority)))",
                authorities: authority.file))
        let directory = SignInDirectory(
            diagnose: { _ in checks }, redirectURI: { "\(Self.origin)/oauth/\($0.rawValue)/callback" },
            testPath: { "/auth-test/\($0.text)?signature=secret-signature" })
        let planner = WalledGardenPlanner(store: store, publicURL: Self.origin) { _ in ["login.example.org"] }
        let gateways = SiteGateways(
            sites: store, factory: GatewayFactory(http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true)),
            recheck: 0)
        doctor = PortalDoctor(
            store: store, gateways: gateways, signIns: directory, gardens: planner, endpoints: endpoints,
            http: HTTPClient())
        try await setUp(integration, planner, gateways)
    }

    deinit {
        try? database.close()
        authority.remove()
    }

    private func setUp(
        _ provider: AuthIntegration.Provider?, _ planner: WalledGardenPlanner, _ gateways: SiteGateways
    ) async throws {
        router.add(
            "ip/dhcp-server/option",
            [
                "name": "portico-captive", "code": "114",
                "value": "'\(Self.origin)/captive-portal/api?site=\(siteID.text)'",
            ])
        router.add("ip/dhcp-server/network", ["address": Self.network, "dhcp-option": "portico-captive"])
        for page in RouterScript.pages(publicURL: Self.origin, siteID: siteID) {
            router.add("file", ["name": "portico/\(page.file)", "contents": page.html])
        }
        let rest = "http://\(try router.start())"
        let api = router.apiAddresses.first.map { "api://\($0)" }
        try await setRouter(driver: api == nil ? .routerosREST : .routerosAPI, url: api ?? rest)
        let integration = provider.map {
            AuthIntegration(
                id: UUID(), workspace: .default, name: "Staff", provider: $0, clientID: "client",
                clientSecret: Secret("client-secret"), tenant: nil, createdAt: Date())
        }
        if let integration { try await store.create(integration) }
        try await store.create(
            Instance(
                id: UUID(), workspace: .default, name: "Lobby", strategy: integration == nil ? .coupon : .oauth2,
                sessionTTL: 3_600, integrationID: integration?.id,
                sites: [.init(siteID: siteID, subnets: [try #require(Subnet(Self.network))])], createdAt: Date()))
        try await gateways.gateway(for: siteID)?.apply(planner.garden(of: [siteID]).rules)
    }

    func setRouter(driver: RouterSettings.Driver = .routerosREST, url: String?) async throws {
        _ = try await store.upsertSite(siteID, in: .default, now: Date()) { site in
            site.name = "Hotel"
            site.router = RouterSettings(
                driver: driver, url: url, username: "portico", password: Secret("router-password"))
        }
    }

    func examine() async throws -> SiteDiagnosis {
        let diagnosis = try #require(try await doctor.examine(siteID))
        for secret in ["secret-signature", "client-secret", "router-password"] {
            #expect(!"\(diagnosis)".contains(secret))
        }
        return diagnosis
    }

    func examine(_ site: UUID) async throws -> SiteDiagnosis? { try await doctor.examine(site) }
}

extension SiteDiagnosis {
    /// The most severe finding of a check; nil if the check did not run.
    subscript(_ check: Finding.Check) -> Finding? {
        findings.filter { $0.check == check }.max { $0.severity < $1.severity }
    }

    subscript(_ device: GuestDevice) -> DeviceResult? { devices.first { $0.device == device } }

    /// The checks with problems.
    var problems: Set<Finding.Check> { Set(findings.filter { $0.severity == .problem }.map(\.check)) }
}
