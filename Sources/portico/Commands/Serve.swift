import ArgumentParser
import GuestPortal
import HTTPServer
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the portal",
        discussion: """
            SIGTERM and SIGINT stop the portal. SIGHUP reloads the certificates.

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
        await portal.stop(at: await signals.stop { portal.reload() })
    }

    private static func start(_ portal: Portal, _ settings: Configuration) throws -> [SocketAddress] {
        do { return try portal.start() } catch let error as TLSError {
            let setting = error.file == settings.certificate ? Setting.httpsCertificate : .httpsKey
            throw ConfigurationProblems(lines: ["\(setting.rawValue) (\(setting.environmentName)): \(error)"])
        }
    }
}
