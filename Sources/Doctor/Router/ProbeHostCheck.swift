internal import Captive
internal import NetworkAddress

/// Whether the walled garden keeps devices' probes in, whoever wrote its entries.
struct ProbeHostCheck {
    /// Hosts that other devices than those of `GuestDevice` probe.
    private static let otherProbeHosts = ProbeHosts.all.subtracting(GuestDevice.allCases.flatMap(\.probeHosts))

    /// Where Apple keeps the host that its devices probe (captive.apple.com and those that it leads to). The other
    /// makers' hosts move about.
    private static let appleProbeBlock = Subnet("17.253.0.0/16")

    func findings(_ open: OpenPlaces) -> [Finding] {
        let flaws =
            GuestDevice.allCases.compactMap { leak(of: $0, open) } + otherLeak(open.hosts) + unjudged(open)
        let kept = Finding(.routerProbeHosts, .ok, "The walled garden holds no host that devices probe.")
        return flaws.contains { $0.severity > .advice } ? flaws : [kept] + flaws
    }

    private func leak(of device: GuestDevice, _ open: OpenPlaces) -> Finding? {
        let (named, atTimes) = leaks(device.probeHosts, open.hosts)
        let always = named + appleBlocks(device, open.blocks)
        guard let first = always.first ?? atTimes.first else { return nil }
        let isProblem = !always.isEmpty
        let when = isProblem ? "" : " while a guest signs in"
        return Finding(
            .routerProbeHosts, isProblem ? .problem : .warning,
            "The walled garden opens \(first)\(when): \(device.name) then believes that it is online.",
            subject: device.rawValue, device: device, remedy: Self.remedy,
            evidence: isProblem ? always : atTimes)
    }

    private static let remedy =
        "Take it out of the router's walled garden, or deny the probed host in an entry before it."

    private func appleBlocks(_ device: GuestDevice, _ blocks: [Subnet]) -> [String] {
        guard device == .ios || device == .macos, let probed = Self.appleProbeBlock else { return [] }
        return blocks.filter { $0.overlaps(probed) }.map { "captive.apple.com (by \($0))" }
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

    /// RouterOS takes what begins with a colon for a regular expression. Small blocks are a service's own.
    private func unjudged(_ open: OpenPlaces) -> [Finding] {
        let patterns = open.hosts.map(\.pattern).filter { $0.hasPrefix(":") }
        let blocks = open.blocks.filter { $0.prefixLength < ($0.base.bitWidth == 32 ? 24 : 48) }.map(\.description)
        guard !(patterns + blocks).isEmpty else { return [] }
        return [
            Finding(
                .routerProbeHosts, .advice,
                "The walled garden has regular expressions or large blocks of addresses, which are not judged.",
                remedy: "See that they hold none of the hosts that devices probe.", evidence: patterns + blocks)
        ]
    }
}
