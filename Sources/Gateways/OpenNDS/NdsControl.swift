internal import Captive
internal import Foundation
internal import NetworkAddress

/// openNDS on this machine, asked and told by its own program ndsctl.
struct NdsControl: Sendable {
    private let ndsctl: ChildProgram
    /// openNDS serves one ndsctl at a time, and its own scripts use it too.
    private static let (tries, pause) = (15, Duration.milliseconds(100))
    private static let limit = Duration.seconds(2)

    /// Where distributions keep it.
    static let programs = ["/usr/bin/ndsctl", "/usr/sbin/ndsctl", "/usr/local/bin/ndsctl"]

    init(_ ndsctl: ChildProgram) { self.ndsctl = ndsctl }

    /// Where openNDS makes its socket anew whenever it starts.
    private static let sockets = ["/tmp", "/run", "/var"].map { $0 + "/ndsctl.sock" }

    /// When openNDS was started; nil if that cannot be seen.
    static var start: Date? {
        sockets.lazy.compactMap { try? FileManager.default.attributesOfItem(atPath: $0)[.modificationDate] as? Date }
            .first
    }

    /// To be asked seldom: openNDS looks its routes up for it, and ends itself if that does not succeed at once.
    func status() async throws(GatewayError) -> NdsStatus {
        let outcome = try await run("status")
        guard outcome.code == 0, let status = NdsStatus(String(streamSafe: outcome.output)) else {
            throw .refused("ndsctl status prints what this portal does not understand")
        }
        return status
    }

    /// Throws if openNDS does not answer.
    func ping() async throws(GatewayError) { _ = try await read("json", "0.0.0.0") }

    /// All devices that openNDS knows.
    func clients() async throws(GatewayError) -> [NdsClient] { try await read("json") }

    /// The device at `ip`.
    func client(_ ip: IPAddress) async throws(GatewayError) -> NdsClient? {
        try await read("json", ip.description).first
    }

    /// One of the rows of this device. openNDS writes MAC addresses small, and finds no others.
    func client(_ mac: MACAddress) async throws(GatewayError) -> NdsClient? {
        try await read("json", mac.description.lowercased()).first
    }

    /// Lets a device through for `minutes`, marked as the portal's. False if openNDS did not.
    func permit(_ ip: IPAddress, minutes: Int) async throws(GatewayError) -> Bool {
        // Empty texts stand for openNDS's own rates and quotas.
        try await run("auth", ip.description, "\(minutes)", "", "", "", "", NdsClient.mark).code == 0
    }

    /// Cuts the device at `ip` off and forgets it. False if it was not let through.
    func forget(_ ip: IPAddress) async throws(GatewayError) -> Bool {
        try await run("deauth", ip.description).code == 0
    }

    private func read(_ arguments: String...) async throws(GatewayError) -> [NdsClient] {
        let outcome = try await run(arguments)
        guard outcome.code == 0, let clients = NdsClient.all(in: outcome.output) else {
            throw .refused("ndsctl json prints what this portal does not understand")
        }
        return clients
    }

    private func run(_ arguments: String...) async throws(GatewayError) -> ChildProgram.Outcome {
        try await run(arguments)
    }

    /// Its codes 0 and 1 are answers to the command.
    private func run(_ arguments: [String]) async throws(GatewayError) -> ChildProgram.Outcome {
        for _ in 0..<Self.tries {
            let outcome = await ndsctl.run(arguments, atMost: Self.limit)
            switch outcome.code {
            case 0, 1: return outcome
            case 4: do { try await Task.sleep(for: Self.pause) } catch { throw .busy("the portal is ending") }
            default: throw Self.fault(outcome)
            }
        }
        throw .busy("openNDS is being told other things by ndsctl")
    }

    /// What an outcome that is no answer says.
    static func fault(_ outcome: ChildProgram.Outcome) -> GatewayError {
        if outcome.error.contains("Permission denied") { return .misconfigured(rights) }
        if outcome.code == ChildProgram.Outcome.tooMuch { return .refused("ndsctl prints more than this portal reads") }
        if outcome.code < 0 { return .busy("ndsctl did not end in time (\(-outcome.code))") }
        return .unreachable("openNDS does not run on this machine; start it (systemctl start opennds)")
    }

    private static let rights = "the portal may not use ndsctl; run it as the user that openNDS runs as, which is root"
}
