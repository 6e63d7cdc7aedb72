internal import Captive
internal import Foundation
internal import NetworkAddress

/// Controls openNDS on this machine through its program ndsctl.
struct NdsControl: Sendable {
    private let ndsctl: ChildProgram
    /// openNDS serves one ndsctl at a time, including those of its own scripts.
    private static let (tries, pause) = (15, Duration.milliseconds(100))
    private static let limit = Duration.seconds(2)

    /// The paths that distributions use.
    static let programs = ["/usr/bin/ndsctl", "/usr/sbin/ndsctl", "/usr/local/bin/ndsctl"]

    init(_ ndsctl: ChildProgram) { self.ndsctl = ndsctl }

    /// The paths of openNDS's socket, which it creates at each start.
    private static let sockets = ["/tmp", "/run", "/var"].map { $0 + "/ndsctl.sock" }

    /// When openNDS started; nil if unknown.
    static var start: Date? {
        sockets.lazy.compactMap { try? FileManager.default.attributesOfItem(atPath: $0)[.modificationDate] as? Date }
            .first
    }

    /// Must not be called often: openNDS looks up its routes for it, and exits if that fails.
    func status() async throws(GatewayError) -> NdsStatus {
        let outcome = try await run("status")
        guard outcome.code == 0, let status = NdsStatus(String(streamSafe: outcome.output)) else {
            throw .refused("the portal cannot parse the output of ndsctl status")
        }
        return status
    }

    /// Throws if openNDS does not respond.
    func ping() async throws(GatewayError) { _ = try await read("json", "0.0.0.0") }

    /// All devices that openNDS knows.
    func clients() async throws(GatewayError) -> [NdsClient] { try await read("json") }

    /// The device at `ip`.
    func client(_ ip: IPAddress) async throws(GatewayError) -> NdsClient? {
        try await read("json", ip.description).first
    }

    /// One of the rows of a device. openNDS finds MAC addresses in lower case only.
    func client(_ mac: MACAddress) async throws(GatewayError) -> NdsClient? {
        try await read("json", mac.description.lowercased()).first
    }

    /// Authorizes a device for `minutes` with the portal's custom string. Returns false if openNDS refused.
    func authorize(_ ip: IPAddress, minutes: Int) async throws(GatewayError) -> Bool {
        // Empty arguments select openNDS's default rates and quotas.
        try await run("auth", ip.description, "\(minutes)", "", "", "", "", NdsClient.mark).code == 0
    }

    /// Deauthorizes the device at `ip`. Returns false if it was not authorized.
    func deauthorize(_ ip: IPAddress) async throws(GatewayError) -> Bool {
        try await run("deauth", ip.description).code == 0
    }

    private func read(_ arguments: String...) async throws(GatewayError) -> [NdsClient] {
        let outcome = try await run(arguments)
        guard outcome.code == 0, let clients = NdsClient.all(in: outcome.output) else {
            throw .refused("the portal cannot parse the output of ndsctl json")
        }
        return clients
    }

    private func run(_ arguments: String...) async throws(GatewayError) -> ChildProgram.Outcome {
        try await run(arguments)
    }

    /// Runs ndsctl, and retries while it is busy. The exit codes 0 and 1 are results of the command.
    private func run(_ arguments: [String]) async throws(GatewayError) -> ChildProgram.Outcome {
        for _ in 0..<Self.tries {
            let outcome = await ndsctl.run(arguments, atMost: Self.limit)
            switch outcome.code {
            case 0, 1: return outcome
            case 4: do { try await Task.sleep(for: Self.pause) } catch { throw .busy("the portal is shutting down") }
            default: throw Self.fault(outcome)
            }
        }
        throw .busy("openNDS is busy with other ndsctl calls")
    }

    /// The error for any other exit code.
    static func fault(_ outcome: ChildProgram.Outcome) -> GatewayError {
        if outcome.error.contains("Permission denied") { return .misconfigured(rights) }
        if outcome.code == ChildProgram.Outcome.tooMuch { return .refused("the output of ndsctl is too long") }
        if outcome.code < 0 { return .busy("ndsctl did not finish in time (\(-outcome.code))") }
        return .unreachable("openNDS is not running on this machine; start it (systemctl start opennds)")
    }

    private static let rights =
        "the portal has no permission to use ndsctl; run the portal as the user of openNDS (root)"
}
