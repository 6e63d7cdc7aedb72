import ArgumentParser
import GuestPortal
import HTTPServer
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Runs the portal.")

    @OptionGroup var configuration: ConfigurationOption

    func run() async throws {
        let (settings, publicURL) = try configuration.loadWithPublicURL()
        let portal = try await Portal(settings, publicURL: publicURL)
        let termination = TerminationSignal()
        let addresses = try portal.start()
        portal.logger.info(
            "portal is up",
            metadata: [
                "listen": "\(addresses.map(\.description).joined(separator: ","))", "public_url": "\(publicURL)",
            ])
        await termination.wait()
        await portal.stop()
    }
}
