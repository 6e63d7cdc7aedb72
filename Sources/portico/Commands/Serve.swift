import ArgumentParser
import HTTPServer
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the portal",
        discussion: """
            SIGTERM and SIGINT stop the portal. SIGHUP reloads the certificates. Exits with 0 after a clean stop, and \
            with 1 if the database is then not complete without its -wal file.

            Example: portico serve --config /etc/portico/portico.yaml
            """)

    @OptionGroup var configuration: ConfigurationOption

    @Flag(help: "Start even if no configured key opens some stored secrets, so that they can be set again.")
    var allowUnreadableSecrets = false

    func run() async throws {
        let (settings, publicURL) = try configuration.loadWithPublicURL()
        let signals = ProcessSignals()
        let portal = try await Portal(
            settings, publicURL: publicURL, allowsUnreadableSecrets: allowUnreadableSecrets)
        let addresses = try Self.start(portal, settings)
        portal.logger.info(
            "portal is up",
            metadata: [
                "listen": "\(addresses.map(\.description).joined(separator: ","))", "public_url": "\(publicURL)",
            ])
        guard await portal.stop(at: await signals.stop { portal.reload() }) else { throw ExitCode.failure }
    }

    private static func start(_ portal: Portal, _ settings: Configuration) throws -> [SocketAddress] {
        do { return try portal.start() } catch let error as TLSError {
            throw settings.problems(of: error)
        }
    }
}
