import Captive
import Crypto
import Foundation
import GuestPortal
import HTTPClient
import HTTPServer
import Logging
import NetworkAddress
import OAuth
import Pages
import Storage
import Synchronization
import Testing

/// A venue with a real database in a temporary folder, a router that knows the devices that a test adds, and a clock
/// that only tests move.
final class TestVenue: Sendable {
    let store: Store
    let catalog: InstanceCatalog
    let assets: ThemeAssets
    let router = KnownDevices()
    let reconciler: TestReconciler
    let portal: GuestPortal
    let instance: Instance
    let siteID = UUID()
    private let folder: URL

    /// Reading the templates takes a second in a debug build, so all tests share one reading.
    private static let renderer = Result { try PageRenderer(directories: [templates]) }
    private static let templates =
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path() + "Templates"

    /// The languages that are shipped.
    static func languageTags() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: templates + "/locales").filter { $0.hasSuffix(".json") }
            .map { String($0.dropLast(5)) }.sorted()
    }

    init(
        locale: String = "en", oauth: OAuthSettings = OAuthSettings(),
        start: Date = Date(timeIntervalSince1970: 1_800_000_000)
    ) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "portico-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let sealer = try #require(Sealer(keys: [[UInt8](repeating: 9, count: 32)]))
        let database = try SQLiteDatabase(path: folder.appending(path: "test.db").path(percentEncoded: false))
        let devices = MarkedDevices()
        store = Store(database, sealer: sealer, onChange: devices.add)
        _ = try await store.migrate(now: Date())
        catalog = InstanceCatalog(store: store)
        instance = Instance(
            id: UUID(), workspace: .default, name: "Hotel <Aurora>", strategy: .coupon, sessionTTL: 3_600,
            locale: locale,
            sites: [.init(siteID: siteID, subnets: [try #require(Subnet("10.5.50.0/24"))])], createdAt: start)
        try await store.create(instance)
        assets = ThemeAssets(images: store, sealer: sealer)
        let pages = GuestPages(
            renderer: try Self.renderer.get(), headers: PageHeaders(), image: assets.address)
        let clock = TestClock(start)
        self.clock = clock
        reconciler = TestReconciler(store: store, devices: devices, now: { clock.now })
        let publicURL = try #require(PublicURL("http://portal.test"))
        let signIns = SignInServices(
            signIn: SignIn(
                settings: oauth, client: HTTPClient(), now: { clock.now }, logger: Logger(label: "test")),
            sealer: sealer, publicURL: publicURL)
        portal = GuestPortal(
            store: store, instances: catalog, reconciler: reconciler, gateways: router, limits: router,
            signIns: signIns, pages: pages, assets: assets, sealer: sealer, publicURL: publicURL,
            now: { clock.now }, logger: Logger(label: "test"))
    }

    let clock: TestClock

    deinit { try? FileManager.default.removeItem(at: folder) }

    func coupon(of instanceID: UUID? = nil, minutes: Double = 60) async throws -> CouponCode {
        let made = try await store.createCoupons(
            1, for: instanceID ?? instance.id, scheduleID: nil, expiresAt: clock.now + minutes * 60, now: clock.now
        ) {
            var generator = SystemRandomNumberGenerator()
            return CouponCode.random(using: &generator)
        }
        return try #require(made.first).code
    }

    /// Sends a request as a guest's browser does, and returns the response as the server sends it.
    func send(
        _ method: HTTPServer.Method, _ target: String, form: String? = nil, from address: String = "10.5.50.2",
        headers: Headers = [:]
    ) async throws -> Response {
        var headers = headers
        if form != nil { headers["Content-Type"] = "application/x-www-form-urlencoded" }
        headers["Host"] = headers["Host"] ?? "portal.test"
        var request = Request(
            method: method, target: target, headers: headers, body: Array((form ?? "").utf8),
            client: try #require(IPAddress(address)), isSecure: false)
        request.match = Router(portal.routes).match(method, request.path)
        guard case .found(let route, _) = request.match else { return portal.notFound(request) }
        return try await route.handler(request)
    }

    /// Sends the request of a redirected guest, and returns the address of its page.
    func enter(mac: String = "AA:BB:CC:DD:EE:01", ip: String = "10.5.50.2", more: String = "") async throws -> String {
        let response = try await send(.get, "/hotspot/\(siteID.text)?mac=\(mac)&ip=\(ip)\(more)", from: ip)
        #expect(response.status == .found)
        return try response.path()
    }
}

final class TestClock: Sendable {
    private let time: Mutex<Date>
    init(_ start: Date) { time = Mutex(start) }
    var now: Date { time.withLock { $0 } }
    func advance(by seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

/// A directory whose only gateway knows which device has which address.
final class KnownDevices: GatewayDirectory, GuestLimits {
    private let devices = Mutex<[IPAddress: MACAddress]>([:])
    private let bytes = Mutex<[GatewayClient: Int]>([:])
    private let failure = Mutex<GatewayError?>(nil)
    private let isNone = Mutex(false)
    private let held = Mutex<Set<GatewayClient>>([])
    private let holdsFailure = Mutex<GatewayError?>(nil)

    /// The router lets the client through.
    func hold(_ client: GatewayClient) { held.withLock { _ = $0.insert(client) } }

    /// Sets the error with which the router then responds when it is asked whether it authorizes a client.
    func failHolds(_ error: GatewayError) { holdsFailure.withLock { $0 = error } }

    /// Sets the site's driver to `none`.
    func vanish() { isNone.withLock { $0 = true } }

    /// Sets the error with which the router then responds; nil for none.
    func fail(_ error: GatewayError?) { failure.withLock { $0 = error } }

    func limit(_ client: GatewayClient, bytes left: Int) { bytes.withLock { $0[client] = left } }

    func bytesLeft(of client: GatewayClient, at siteID: UUID) -> Int? { bytes.withLock { $0[client] } }

    /// Removes the device from the network.
    func forget(_ ip: String) throws {
        let ip = try #require(IPAddress(ip))
        devices.withLock { $0[ip] = nil }
    }

    func learn(_ mac: String, at ip: String) throws {
        let (mac, ip) = (try #require(MACAddress(mac)), try #require(IPAddress(ip)))
        devices.withLock { $0[ip] = mac }
    }

    func gateway(for siteID: UUID) async throws -> (any Gateway)? {
        KnowingGateway(
            devices: devices.withLock { $0 }, failure: failure.withLock(\.self), seesDevices: !isNone.withLock(\.self),
            held: held.withLock(\.self), holdsFailure: holdsFailure.withLock(\.self))
    }
}

struct KnowingGateway: Gateway {
    let devices: [IPAddress: MACAddress]
    var failure: GatewayError?
    var seesDevices = true
    var held: Set<GatewayClient> = []
    var holdsFailure: GatewayError?
    func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool {
        if let holdsFailure { throw holdsFailure }
        return held.contains(client)
    }
    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}
    func revoke(_ client: GatewayClient) async throws(GatewayError) {}
    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        if let failure { throw failure }
    }
    func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}
    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {}
    func walledGarden() async throws(GatewayError) -> [WalledGardenRule] { [] }
    func list() async throws(GatewayError) -> [GatewayEntry] { [] }
    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        if let failure { throw failure }
        return devices[address]
    }
    func health() async -> GatewayHealth { GatewayHealth() }
}

extension Response {
    /// Returns the path and query of a redirect.
    func path() throws -> String {
        let location = try #require(headers["Location"])
        return location.replacing("http://portal.test", with: "")
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var bytes: [UInt8] {
        switch body {
        case .empty: []
        case .bytes(let bytes): bytes
        case .shared(let shared): shared.bytes
        }
    }
}
