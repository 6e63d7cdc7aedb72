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

/// A simulated router on loopback, a gateway that drives it, and a clock that both tests and router read.
final class RouterFixture: Sendable {
    let router: SimulatedRouter
    let gateway: any Gateway
    let clock = TestClock()
    let url: String

    static let account = RouterAccount(name: "portico", password: "router-password")

    init(password: String = "router-password", timeout: Duration = .seconds(4)) throws {
        let listen = try #require(SocketAddress("127.0.0.1:0"))
        router = try SimulatedRouter(
            listen: listen, account: Self.account, identity: "lobby", logger: quietLogger, now: clock.now)
        url = "http://\(try router.start())"
        let settings = RouterSettings(
            driver: .routerosREST, url: url, username: "portico", password: Secret(password))
        gateway = try GatewayFactory(http: HTTPClient(), callTimeout: timeout).makeGateway(for: settings, at: UUID())
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

extension Gateway {
    /// The clients that it lets through.
    func online() async throws -> [GatewayClient] {
        try await list().filter(\.isOnline).compactMap { entry in entry.ip.map { GatewayClient(mac: entry.mac, ip: $0) }
        }
    }
}

let quietLogger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A clock that stands still until it is moved. Who sleeps by it moves it.
final class TestClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var now: @Sendable () -> Date { { self.time.withLock { $0 } } }

    func advance(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }

    var sleep: @Sendable (Duration) async throws -> Void {
        { duration in
            try Task.checkCancellation()
            self.advance(Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18)
            await Task.yield()
        }
    }
}
