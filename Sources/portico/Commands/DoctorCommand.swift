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
        abstract: "Plays what phones and laptops do at a site's portal, and says what each will show and what to mend.",
        discussion: """
            Asks the portal at its own listeners, the site's router, and the identity providers in use; the hosts that \
            devices probe are never contacted. Ends with 0 if no problem was found, with 1 if one was.
            """)

    @OptionGroup var configuration: ConfigurationOption
    @Option(help: "The site's id.") var site: String
    @Option(help: "Where the portal's plain listener is, as ADDRESS:PORT, if not where the configuration says.")
    var portal: String?
    @Option(help: "A PEM file of authorities that guests' devices know besides the public ones.")
    var caCertificate: String?
    @Flag(help: "Prints JSON, as GET /captive/sites/{id}/doctor answers.") var json = false

    func run() async throws {
        guard let id = UUID(uuidString: site) else { throw ValidationError("--site takes a site's id, a UUID") }
        let plain = portal.flatMap { SocketAddress($0) }
        guard portal == nil || plain != nil else {
            throw ValidationError("--portal takes ADDRESS:PORT, such as 127.0.0.1:8080")
        }
        if let file = caCertificate, !FileManager.default.isReadableFile(atPath: file) {
            throw ValidationError("--ca-certificate takes a PEM file that can be read")
        }
        var (settings, publicURL) = try configuration.loadWithPublicURL()
        // What is found is the output; the log would say it a second time.
        settings.logLevel = .critical
        guard let endpoints = PortalEndpoints(settings, publicURL: publicURL, plain: plain, authorities: caCertificate) else {
            throw CommandFailure("public_url is no origin that can be asked")
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
