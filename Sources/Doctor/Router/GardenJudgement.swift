internal import Captive

/// Whether the walled garden keeps devices' probes in, and lets sign-ins out.
struct GardenJudgement {
    /// Hosts that other devices than those of `GuestDevice` probe.
    let otherProbeHosts: Set<String>
    let signInHosts: Set<String>

    func findings(_ hosts: [OpenHost]) -> [Finding] {
        let flaws = GuestDevice.allCases.compactMap { leak(of: $0, hosts) } + otherLeak(hosts) + unjudged(hosts)
        let kept = Finding(.routerProbeHosts, .ok, "The walled garden holds no host that devices probe.")
        return (flaws.contains { $0.severity > .advice } ? flaws : [kept] + flaws) + [signIns(hosts)].compactMap(\.self)
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
        let always = leaks(otherProbeHosts, hosts).always
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

    /// Nil where nobody signs in at a provider.
    private func signIns(_ hosts: [OpenHost]) -> Finding? {
        guard !signInHosts.isEmpty else { return nil }
        let missing = signInHosts.sorted().filter { wanted in !hosts.contains { $0.covers(wanted) } }
        guard !missing.isEmpty else {
            return Finding(
                .routerGarden, .ok, "The walled garden opens what guests need to sign in at the providers in use.")
        }
        return Finding(
            .routerGarden, .warning, "The walled garden lacks hosts that guests need to sign in.",
            remedy: "Run the script of `portico router script` again: it opens the way to the providers in use.",
            evidence: missing)
    }
}

extension OpenHost {
    /// Whether everything that `wanted`, a name or `*.` and a name, means is open.
    fileprivate func covers(_ wanted: String) -> Bool {
        pattern == wanted || opens(wanted.hasPrefix("*.") ? "any" + wanted.dropFirst() : wanted)
    }
}
