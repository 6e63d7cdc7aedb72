internal import Captive
internal import HTTPClient

/// Sends the devices' probes to the portal's plain listener, all at once. The requests name the probed hosts, which are
/// neither resolved nor contacted.
struct ProbeChecks: Sendable {
    let endpoints: PortalEndpoints
    let http: HTTPClient
    /// Whether the site's router sends intercepted requests to the portal instead of redirecting them itself.
    let portalIntercepts: Bool

    private static let timeout: Duration = .seconds(5)

    func run() async -> [Finding] {
        if endpoints.wantsProxyHeader { return [behindProxy] }
        guard let listener = endpoints.plain else { return [noListener] }
        let answers = await withTaskGroup(of: (GuestDevice, Finding?).self) { group in
            for probe in DeviceProbe.all { group.addTask { (probe.device, await send(probe, to: listener)) } }
            return await group.reduce(into: [GuestDevice: Finding]()) { $0[$1.0] = $1.1 }
        }
        guard !answers.isEmpty else { return [noResponse(listener)] }
        return GuestDevice.allCases.map { answers[$0] ?? unanswered($0) }
    }

    /// Returns nil if there is no response.
    private func send(_ probe: DeviceProbe, to listener: String) async -> Finding? {
        let request = HTTPRequest(
            "GET", "http://\(probe.host)\(probe.path)",
            headers: [("User-Agent", probe.userAgent), ("Accept", "*/*"), ("Connection", "close")],
            timeout: Self.timeout, maxResponseBytes: 65_536, connectTo: listener)
        let begun = ContinuousClock.now
        guard let answer = try? await http.send(request) else { return nil }
        let taken = begun.duration(to: .now) / .seconds(1)
        return probe.evaluate(answer, seconds: taken, endpoints: endpoints)
    }

    private func unanswered(_ device: GuestDevice) -> Finding {
        Finding(
            .portalProbe, .problem, "The probe of \(device.name) got no response in time.", subject: device.rawValue,
            device: device, remedy: "Check the load of the portal's machine.")
    }

    private func noResponse(_ listener: String) -> Finding {
        Finding(
            .portalProbe, .problem, "The portal does not respond at \(listener).",
            remedy: "Start it (`portico serve`), or pass its plain listener with --portal ADDRESS:PORT.")
    }

    private var noListener: Finding {
        Finding(
            .portalProbe, portalIntercepts ? .problem : .advice,
            portalIntercepts
                ? "The portal has no plain HTTP listener, to which the site's router sends intercepted requests."
                : "The portal has no plain HTTP listener; the site's router redirects devices itself.",
            remedy: portalIntercepts ? "Set http.listen." : nil)
    }

    private var behindProxy: Finding {
        Finding(
            .portalProbe, .advice,
            "The listeners require a PROXY header, so the probes cannot be sent to them directly.",
            remedy: "Pass the proxy's address with --portal ADDRESS:PORT.")
    }
}
