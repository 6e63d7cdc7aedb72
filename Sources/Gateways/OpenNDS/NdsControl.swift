internal import Captive
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

    func status() async throws(GatewayError) -> NdsStatus {
        let outcome = try await run("status")
        guard outcome.code == 0, let status = NdsStatus(String(decoding: outcome.output, as: UTF8.self)) else {
            throw .refused("ndsctl status prints what this portal does not understand")
        }
        return status
    }

    /// All devices that openNDS knows.
    func clients() async throws(GatewayError) -> [NdsClient] { try await read("json") }

    /// The device with this MAC address or IP address.
    func client(_ address: String) async throws(GatewayError) -> NdsClient? { try await read("json", address).first }

    /// Lets a device through for `minutes`, marked as the portal's. False if openNDS did not.
    func permit(_ ip: IPAddress, minutes: Int) async throws(GatewayError) -> Bool {
        // Empty texts stand for openNDS's own rates and quotas.
        try await run("auth", ip.description, "\(minutes)", "", "", "", "", NdsClient.mark).code == 0
    }

    /// Forgets a device, let through or not. False if there was none.
    func forget(_ address: String) async throws(GatewayError) -> Bool { try await run("deauth", address).code == 0 }

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
        if outcome.code < 0 { return .busy("ndsctl did not end in time (\(-outcome.code))") }
        return .unreachable("openNDS does not run on this machine; start it (systemctl start opennds)")
    }

    private static let rights = "the portal may not use ndsctl; run it as the user that openNDS runs as, which is root"
}
