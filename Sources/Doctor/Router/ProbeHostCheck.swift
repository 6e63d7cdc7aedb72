internal import Captive
internal import NetworkAddress

/// Checks that the router's walled garden allows no probe host, in the portal's entries and in others.
struct ProbeHostCheck {
    /// Probe hosts of devices that are not in `GuestDevice`.
    private static let otherProbeHosts = ProbeHosts.all.subtracting(GuestDevice.allCases.flatMap(\.probeHosts))

    /// Apple's address block of captive.apple.com and its aliases. Other manufacturers' probe hosts have no fixed
    /// block.
    private static let appleProbeBlock = Subnet("17.253.0.0/16")

    func findings(_ open: ReachableHosts) -> [Finding] {
        let issues =
            GuestDevice.allCases.compactMap { leak(of: $0, open) } + otherLeak(open.hosts) + unchecked(open)
        let ok = Finding(.routerProbeHosts, .ok, "The walled garden allows no probe host.")
        return issues.contains { $0.severity > .advice } ? issues : [ok] + issues
    }

    private func leak(of device: GuestDevice, _ open: ReachableHosts) -> Finding? {
        let (named, atTimes) = leaks(device.probeHosts, open.hosts)
        let always = named + appleBlocks(device, open.blocks)
        guard let first = always.first ?? atTimes.first else { return nil }
        let isProblem = !always.isEmpty
        let when = isProblem ? "" : " while a guest signs in"
        return Finding(
            .routerProbeHosts, isProblem ? .problem : .warning,
            "The walled garden allows \(first)\(when): \(device.name) then believes that it is online.",
            subject: device.rawValue, device: device, remedy: Self.remedy,
            evidence: isProblem ? always : atTimes)
    }

    private static let remedy =
        "Remove the entry from the router's walled garden, or deny the probe host in an earlier entry."

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
                "The walled garden allows probe hosts of other devices, such as e-readers and game consoles.",
                remedy: "Remove them from the router's walled garden.", evidence: always)
        ]
    }

    /// The probe hosts that an entry allows, each with the entry's pattern.
    private func leaks(_ probed: Set<String>, _ hosts: [OpenHost]) -> (always: [String], atTimes: [String]) {
        let open = probed.sorted().flatMap { host in hosts.filter { $0.opens(host) }.map { (host, $0) } }
        let text = { (host: String, by: OpenHost) in by.pattern == host ? host : "\(host) (by \(by.pattern))" }
        return (
            open.filter { !$0.1.onlyWhileSigningIn }.map(text), open.filter { $0.1.onlyWhileSigningIn }.map(text)
        )
    }

    /// Entries that are not checked: regular expressions (RouterOS marks them with a colon) and large address blocks.
    /// Small blocks usually belong to one service.
    private func unchecked(_ open: ReachableHosts) -> [Finding] {
        let patterns = open.hosts.map(\.pattern).filter { $0.hasPrefix(":") }
        let blocks = open.blocks.filter { $0.prefixLength < ($0.base.bitWidth == 32 ? 24 : 48) }.map(\.description)
        guard !(patterns + blocks).isEmpty else { return [] }
        return [
            Finding(
                .routerProbeHosts, .advice,
                "The walled garden has regular expressions or large address blocks, which are not checked.",
                remedy: "Make sure that they match no probe host.", evidence: patterns + blocks)
        ]
    }
}
