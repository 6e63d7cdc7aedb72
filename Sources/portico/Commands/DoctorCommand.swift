import ArgumentParser
import Captive
import ControlAPI
import Doctor
import Foundation
import HTTPServer
import Logging
import NetworkAddress

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Simulate how phones and laptops reach a site's portal, and report problems with fixes",
        discussion: """
            Sends requests to the portal's listeners, the site's router, and the identity providers in use, never to the \
            hosts that devices probe. Exits with 0 if there is no problem, with 1 if there is one.

            Example: portico doctor --config /etc/portico/portico.yaml --site 9a7f1b2c-3d4e-4f5a-8b7c-8d9e0f1a2b3c
            """)

    @OptionGroup var configuration: ConfigurationOption
    @Option(help: "The site's id.") var site: String
    @Option(help: "The portal's plain HTTP listener, as ADDRESS:PORT. Defaults to the configured one.")
    var portal: String?
    @Option(help: "A PEM file of certificate authorities that guests' devices trust in addition to the public ones.")
    var caCertificate: String?
    @Flag(help: "Print JSON, as GET /captive/sites/{id}/doctor returns.") var json = false

    func run() async throws {
        guard let id = UUID(uuidString: site) else { throw ValidationError("--site must be a site's id, a UUID") }
        let plain = portal.flatMap { SocketAddress($0) }
        guard portal == nil || plain != nil else {
            throw ValidationError("--portal must be ADDRESS:PORT, such as 127.0.0.1:8080")
        }
        if let file = caCertificate, !FileManager.default.isReadableFile(atPath: file) {
            throw ValidationError("--ca-certificate must be a readable PEM file")
        }
        var (settings, publicURL) = try configuration.loadWithPublicURL()
        // The log would repeat the output.
        settings.logLevel = .critical
        guard let endpoints = PortalEndpoints(settings, publicURL: publicURL, plain: plain, authorities: caCertificate)
        else {
            throw CommandFailure("public_url is not an http or https origin")
        }
        guard let diagnosis = try await Services(settings).doctor(endpoints, settings.routerPolicy).examine(id) else {
            throw CommandFailure("no site has the id \(id.text); `GET /captive/sites` lists them")
        }
        report(diagnosis)
        if diagnosis.severity == .problem { throw CommandFailure(DiagnosisReport(diagnosis: diagnosis).summary) }
    }

    private func report(_ diagnosis: SiteDiagnosis) {
        if json {
            print(String(decoding: ControlAPI.json(of: diagnosis), as: UTF8.self))
        } else {
            print(DiagnosisReport(diagnosis: diagnosis).text)
        }
    }
}
