import ArgumentParser
import Foundation
import GatewaySimulator
import HTTPServer
import Logging
import NetworkAddress

extension Router {
    /// Runs many simulated routers, for the benchmark of orders.
    struct SimulateMany: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "crowd", abstract: "Run many simulated routers, each with devices on its guest network",
            discussion: """
                The first line is a JSON list of the routers' addresses, [REST, API]. Then ten lines per second have the \
                number of online devices, the number of calls so far, and the seconds of the monotonic clock.
                """,
            shouldDisplay: false)

        @Option(help: "Number of routers.") var routers = 1
        @Option(
            help: "Number of devices on each router's network. The first device has the MAC address 02:00:00:00:00:01.")
        var devices = 1
        @Option(help: "The routers' user name.") var user = "admin"
        @Option(help: "The routers' password.") var password: String

        func run() async throws {
            let signals = ProcessSignals()
            let address = SocketAddress(ip: .loopback, port: 0)
            let logger = Logger(label: "router") { LineLog(label: $0, level: .warning, format: .text) }
            let routers = try (0..<self.routers).map { _ in
                try SimulatedRouter(
                    listen: address, account: RouterAccount(name: user, password: password), api: [APIPort(address)],
                    logger: logger)
            }
            let addresses = try routers.enumerated().map { number, router in
                try join(router, number)
                return ["http://\(try router.start())", "api://\(router.apiAddresses[0])"]
            }
            let encoder = JSONEncoder()
            encoder.outputFormatting = .withoutEscapingSlashes
            StandardOutput.line(String(decoding: try encoder.encode(addresses), as: UTF8.self))
            let reporting = Task { await report(routers) }
            _ = await signals.stop()
            reporting.cancel()
        }

        private func join(_ router: SimulatedRouter, _ number: Int) throws {
            for device in 1...max(1, devices) {
                guard let mac = MACAddress(rawValue: 0x0200_0000_0000 + UInt64(number * devices + device)) else {
                    throw ValidationError("too many devices")
                }
                router.connect(mac, .v4(0x0A05_0000 + UInt32(device)))
            }
        }

        private func report(_ routers: [SimulatedRouter]) async {
            while !Task.isCancelled {
                let online = routers.reduce(0) { $0 + $1.onlineCount }
                let calls = routers.reduce(0) { $0 + $1.counts.values.reduce(0, +) }
                StandardOutput.line("\(online) \(calls) \(ProcessInfo.processInfo.systemUptime)")
                try? await Task.sleep(for: .milliseconds(100))
            }
        }
    }
}
