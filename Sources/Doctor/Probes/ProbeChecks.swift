internal import Captive
internal import HTTPClient

/// Plays the devices' probes at the portal's plain listener, all at once. The probed hosts are only named in the
/// requests: they are neither looked up nor contacted.
struct ProbeChecks: Sendable {
    let door: PortalEndpoints
    let http: HTTPClient
    /// Whether the site's router sends intercepted requests to the portal instead of redirecting them itself.
    let portalIntercepts: Bool

    private static let timeout: Duration = .seconds(5)

    func run() async -> [Finding] {
        if door.wantsProxyHeader { return [unseen] }
        guard let place = door.plain else { return [noListener] }
        let answers = await withTaskGroup(of: (GuestDevice, Finding?).self) { group in
            for probe in DeviceProbe.all { group.addTask { (probe.device, await play(probe, at: place)) } }
            return await group.reduce(into: [GuestDevice: Finding]()) { $0[$1.0] = $1.1 }
        }
        guard !answers.isEmpty else { return [silent(place)] }
        return GuestDevice.allCases.map { answers[$0] ?? unanswered($0) }
    }

    /// Nil if there is no answer.
    private func play(_ probe: DeviceProbe, at place: String) async -> Finding? {
        let request = HTTPRequest(
            "GET", "http://\(probe.host)\(probe.path)",
            headers: [("User-Agent", probe.userAgent), ("Accept", "*/*"), ("Connection", "close")],
            timeout: Self.timeout, maxResponseBytes: 65_536, connectTo: place)
        let begun = ContinuousClock.now
        guard let answer = try? await http.send(request) else { return nil }
        let taken = begun.duration(to: .now) / .seconds(1)
        return probe.judge(answer, seconds: taken, door: door)
    }

    private func unanswered(_ device: GuestDevice) -> Finding {
        Finding(
            .portalProbe, .problem, "The probe of \(device.name) is not answered in time.", subject: device.rawValue,
            device: device, remedy: "Look for what keeps the portal's machine busy.")
    }

    private func silent(_ place: String) -> Finding {
        Finding(
            .portalProbe, .problem, "The portal does not answer at \(place).",
            remedy: "Start it (`portico serve`), or name its plain listener with --portal ADDRESS:PORT.")
    }

    private var noListener: Finding {
        Finding(
            .portalProbe, portalIntercepts ? .problem : .advice,
            portalIntercepts
                ? "The portal has no plain listener, and the site's router sends intercepted requests to it."
                : "The portal has no plain listener; the site's router redirects devices by itself.",
            remedy: portalIntercepts ? "Set http.listen." : nil)
    }

    private var unseen: Finding {
        Finding(
            .portalProbe, .advice, "The listeners want a PROXY header, so the probes cannot be played past the proxy.",
            remedy: "Ask through the proxy with --portal ADDRESS:PORT.")
    }
}
