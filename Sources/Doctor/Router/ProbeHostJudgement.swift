internal import Captive

/// Whether the walled garden keeps devices' probes in, whoever wrote its entries.
struct ProbeHostJudgement {
    /// Hosts that other devices than those of `GuestDevice` probe.
    private static let otherProbeHosts = ProbeHosts.all.subtracting(GuestDevice.allCases.flatMap(\.probeHosts))

    func findings(_ hosts: [OpenHost]) -> [Finding] {
        let flaws = GuestDevice.allCases.compactMap { leak(of: $0, hosts) } + otherLeak(hosts) + unjudged(hosts)
        let kept = Finding(.routerProbeHosts, .ok, "The walled garden holds no host that devices probe.")
        return flaws.contains { $0.severity > .advice } ? flaws : [kept] + flaws
    }

    private func leak(of device: GuestDevice, _ hosts: [OpenHost]) -> Finding? {
        let (always, atTimes) = leaks(device.probeHosts, hosts)
        guard let first = always.first ?? atTimes.first else { return nil }
        let isProblem = !always.isEmpty
        let when = isProblem ? "" : " while a guest signs in"
        return Finding(
            .routerProbeHosts, isProblem ? .problem : .warning,
            "The walled garden opens \(first)\(when): \(device.name) then believes that it is online.",
            subject: device.rawValue, device: device, remedy: "Take it out of the router's walled garden.",
            evidence: isProblem ? always : atTimes)
    }

    private func otherLeak(_ hosts: [OpenHost]) -> [Finding] {
        let always = leaks(Self.otherProbeHosts, hosts).always
        guard !always.isEmpty else { return [] }
        return [
            Finding(
                .routerProbeHosts, .advice,
                "The walled garden opens hosts that other devices probe, such as readers and consoles.",
                remedy: "Take them out of the router's walled garden.", evidence: always)
        ]
    }

    /// Patterns by which something is open, each with the host that it opens.
    private func leaks(_ probed: Set<String>, _ hosts: [OpenHost]) -> (always: [String], atTimes: [String]) {
        let open = probed.sorted().flatMap { host in hosts.filter { $0.opens(host) }.map { (host, $0) } }
        let text = { (host: String, by: OpenHost) in by.pattern == host ? host : "\(host) (by \(by.pattern))" }
        return (
            open.filter { !$0.1.onlyWhileSigningIn }.map(text), open.filter { $0.1.onlyWhileSigningIn }.map(text)
        )
    }

    /// RouterOS takes what begins with a colon for a regular expression.
    private func unjudged(_ hosts: [OpenHost]) -> [Finding] {
        let patterns = hosts.map(\.pattern).filter { $0.hasPrefix(":") }
        guard !patterns.isEmpty else { return [] }
        return [
            Finding(
                .routerProbeHosts, .advice,
                "The walled garden has regular expressions, which the doctor does not judge.",
                remedy: "See that they hold none of the hosts that devices probe.", evidence: patterns)
        ]
    }
}
