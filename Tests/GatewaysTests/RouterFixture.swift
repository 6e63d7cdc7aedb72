import Captive
import Foundation
import GatewaySimulator
import Gateways
import HTTPClient
import HTTPServer
import Logging
import NetworkAddress
import Synchronization
import Testing

/// A simulated router on loopback, its gateway, and a clock shared by tests and router.
final class RouterFixture: Sendable {
    let router: SimulatedRouter
    let gateway: any Gateway
    let clock = TestClock()
    /// The address of the REST interface.
    let url: String
    let settings: RouterSettings

    static let account = RouterAccount(name: "portico", password: "router-password")

    init(
        _ kind: RouterKind = .rest, at address: String = "127.0.0.1", password: String = "router-password",
        timeout: Duration = .seconds(4), security: APIPort.Security = .plain
    ) throws {
        let listen = try #require(SocketAddress("\(address):0"))
        router = try SimulatedRouter(
            listen: listen, account: Self.account, identity: "lobby", api: [APIPort(listen, security: security)],
            release: kind.release,
            logger: quietLogger, now: clock.now)
        url = "http://\(try router.start())"
        settings = RouterSettings(
            driver: kind.driver, url: kind == .rest ? url : "api://\(router.apiAddresses[0])", username: "portico",
            password: Secret(password))
        gateway = try GatewayFactory(
            http: HTTPClient(), policy: RouterPolicy(allowsLocalRouters: true), callTimeout: timeout
        ).makeGateway(for: settings, at: UUID())
    }

    func addUser(_ values: [String: String]) throws {
        _ = try #require(router.runCommand("/ip/hotspot/user/add", values))
    }

    /// A device that has joined the guest network.
    func joined(_ number: UInt64 = 1) throws -> GatewayClient {
        let client = try device(number)
        router.connect(client.mac, client.ip)
        return client
    }

    func device(_ number: UInt64) throws -> GatewayClient {
        let mac = try #require(MACAddress(rawValue: 0xAABB_CCDD_0000 + number))
        return GatewayClient(mac: mac, ip: .v4(0x0A05_3200 + UInt32(number)))
    }
}

/// A driver with a release of RouterOS. All of them have to pass the same tests.
enum RouterKind: String, CustomTestStringConvertible {
    case rest = "REST, 7.16"
    case api = "API, 7.16"
    case apiEmpty = "API, 7.21"
    case apiSix = "API, 6.49"
    case apiChallenge = "API, 6.42"

    static let all: [RouterKind] = [.rest, .api, .apiSix]

    var driver: RouterSettings.Driver { self == .rest ? .routerosREST : .routerosAPI }

    var release: RouterRelease {
        switch self {
        case .rest, .api: .v7_16
        case .apiEmpty: .v7_21
        case .apiSix: .v6_49
        case .apiChallenge: .v6_42
        }
    }

    var testDescription: String { rawValue }
}

extension Gateway {
    /// The authorized clients.
    func online() async throws -> [GatewayClient] {
        try await list().filter(\.isOnline).compactMap { entry in entry.ip.map { GatewayClient(mac: entry.mac, ip: $0) }
        }
    }
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A clock that only moves when it is advanced. Sleeping advances it, unless the clock is stopped.
final class TestClock: Sendable {
    private struct State {
        var time = Date(timeIntervalSince1970: 1_800_000_000)
        var isStopped = false
    }

    private let state = Mutex(State())

    var now: @Sendable () -> Date { { self.state.withLock(\.time) } }

    func advance(_ seconds: TimeInterval) { state.withLock { $0.time += seconds } }

    /// From now on only `advance` moves the clock; sleeping waits for it.
    func stop() { state.withLock { $0.isStopped = true } }

    var sleep: @Sendable (Duration) async throws -> Void {
        { duration in
            try Task.checkCancellation()
            let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
            let end = self.now().addingTimeInterval(seconds)
            guard self.state.withLock(\.isStopped) else {
                self.advance(seconds)
                return await Task.yield()
            }
            while self.now() < end { try await Task.sleep(for: .milliseconds(1)) }
        }
    }
}
