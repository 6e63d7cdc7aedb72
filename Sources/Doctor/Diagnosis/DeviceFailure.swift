/// The problem that prevents guests with one kind of device from signing in, and what they see.
struct DeviceFailure: Equatable {
    var guestSees: String
    var causedBy: [Finding.Check]

    /// The problem that a guest meets first, in the order of a sign-in: probe, redirect, certificate, page, router.
    /// Nil if no problem affects the device.
    static func first(for device: GuestDevice, in findings: [Finding]) -> DeviceFailure? {
        let wrong = Set(findings.filter { $0.severity == .problem }.map(\.check))
        let reliesOnAPI = device.reliesOnCaptivePortalAPI && findings.contains { $0.offersCaptivePortalAPI }
        return steps(device, reliesOnAPI: reliesOnAPI).first { wrong.contains($0.check) }
            .map { DeviceFailure(guestSees: $0.guestSees, causedBy: [$0.check]) }
    }

    private typealias Step = (check: Finding.Check, guestSees: String)

    private static func steps(_ device: GuestDevice, reliesOnAPI: Bool) -> [Step] {
        let opens = device.opening
        let silent =
            "Nothing opens, at the latest when the device joins again: option 114 names an address that it cannot use."
        var steps: [Step] = [
            (.routerSetup, "Nothing opens: the router lets every device through without signing in."),
            (
                .routerProbeHosts,
                "Nothing opens: the walled garden allows the device's probe, so the device believes that it is online, and other pages do not load."
            ),
            (
                .routerRedirect,
                "\(opens) and shows another site: the router redirects guests to an address that is not the portal's."
            ),
            (.siteInstances, "\(opens) and says that this network is not known; no guest can sign in."),
            (
                .portalProbe,
                "No sign-in page opens: the response to the device's probe is not that of a captive portal."
            ),
        ]
        if reliesOnAPI { steps += [(.routerOption114, silent), (.portalCertificate, silent), (.portalAPI, silent)] }
        return steps + [
            (.routerNames, "\(opens) and stays empty: the device cannot resolve the portal's name."),
            (.portalCertificate, certificate(device)),
            (.portalEntry, "\(opens) and shows an error instead of the page."),
            (
                .routerHealth,
                "\(opens) if the router still redirects, but no guest gets online, because the portal cannot control the router."
            ),
            (.signInWays, "\(opens), but none of its sign-in methods works."),
            (.routerSettings, "No guest gets online: the site has no usable router."),
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
    /// Whether a DHCP network of the router sends option 114, with a right or a wrong address.
    var offersCaptivePortalAPI: Bool { check == .routerOption114 && (severity == .ok || severity == .problem) }
}
