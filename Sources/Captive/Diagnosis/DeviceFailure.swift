/// What keeps guests with one kind of device out, and what they see of it.
struct DeviceFailure: Equatable {
    var guestSees: String
    var causedBy: [Finding.Check]

    /// The trouble that a guest meets first on the way: the device's own probe, the portal's door, its certificate,
    /// the page, the router.
    static func first(for device: GuestDevice, in findings: [Finding]) -> DeviceFailure? {
        let wrong = Set(findings.filter { $0.severity == .problem }.map(\.check))
        let reliesOnAPI = device.reliesOnCaptivePortalAPI && findings.contains { $0.offersCaptivePortalAPI }
        return steps(device, reliesOnAPI: reliesOnAPI).first { wrong.contains($0.check) }
            .map { DeviceFailure(guestSees: $0.guestSees, causedBy: [$0.check]) }
    }

    private typealias Step = (check: Finding.Check, guestSees: String)

    private static func steps(_ device: GuestDevice, reliesOnAPI: Bool) -> [Step] {
        let opens = device.opening
        let silent = "Nothing opens, at the latest when it joins again: option 114 names an address that it cannot use."
        var steps: [Step] = [
            (.routerSetup, "Nothing opens: the router lets every device through without the page."),
            (
                .routerProbeHosts,
                "Nothing opens: the walled garden lets its probe out, so it believes that it is online, and other pages do not load."
            ),
            (
                .routerRedirect,
                "\(opens) and leads elsewhere: the router sends guests to another place than the portal."
            ),
            (.siteInstances, "\(opens) and says that this network is not known; nobody can sign in."),
            (.portalProbe, "Nothing that helps opens: its probe is not answered as a captive portal's would be."),
        ]
        if reliesOnAPI { steps += [(.routerOption114, silent), (.portalCertificate, silent), (.portalAPI, silent)] }
        return steps + [
            (.routerNames, "\(opens) and stays empty: the device cannot find the portal's name."),
            (.portalCertificate, certificate(device)),
            (.portalEntry, "\(opens) and shows an error in place of the page."),
            (
                .routerHealth,
                "\(opens) if the router still redirects; but nobody gets online, causedBy the router does not obey the portal."
            ),
            (.signInWays, "\(opens), but no way to sign in that it offers works."),
            (.routerSettings, "No guest gets online: no router is known that would let a device through."),
        ]
    }

    private static func certificate(_ device: GuestDevice) -> String {
        switch device {
        case .ios, .macos, .android, .linux:
            "\(device.opening) and stays empty or warns: the device does not accept the portal's certificate."
        case .windows, .chromeos, .firefox:
            "\(device.opening) and shows the browser's full-page warning about the portal's certificate."
        }
    }
}

extension Finding {
    /// Option 114 is handed out somewhere, rightly or wrongly.
    var offersCaptivePortalAPI: Bool { check == .routerOption114 && (severity == .ok || severity == .problem) }
}
