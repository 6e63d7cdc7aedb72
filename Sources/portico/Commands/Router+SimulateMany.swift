import ArgumentParser
import Foundation
import GatewaySimulator
import HTTPServer
import Logging
import NetworkAddress

extension Router {
    /// Many simulated routers at once, for the benchmark of deliveries.
    struct SimulateMany: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs many simulated routers, each with devices on its guest network.",
            discussion: """
                The first line is a JSON list of their addresses, [REST, API]. From then on a line ten times a second says how \
                many devices are online, how many calls the routers have had, and the seconds of the monotonic clock.
                """,
            shouldDisplay: false)

        @Option(help: "How many routers.") var routers = 1
        @Option(help: "Devices on each router's network; the first has the MAC address 02:00:00:00:00:01.")
        var devices = 1
        @Option(help: "The name of their user.") var user = "admin"
        @Option(help: "The user's password.") var password: String

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
