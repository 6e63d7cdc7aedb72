/// A finding that affects guests with one kind of device without preventing them from signing in.
struct DeviceWarning: Equatable {
    var check: Finding.Check
    var text: String

    static func all(for device: GuestDevice, in findings: [Finding]) -> [DeviceWarning] {
        var warnings: [DeviceWarning] = []
        let hasOption114 = findings.contains { $0.offersCaptivePortalAPI }
        for finding in findings where finding.severity >= .warning || finding.check == .signInWindow {
            guard hasOption114 || finding.check != .portalAPI, let text = text(finding, device),
                !warnings.contains(where: { $0.text == text })
            else { continue }
            warnings.append(DeviceWarning(check: finding.check, text: text))
        }
        return warnings
    }

    private static func text(_ finding: Finding, _ device: GuestDevice) -> String? {
        switch finding.check {
        case .portalAddress: "The page is not encrypted; browsers mark it as not secure."
        case .portalCertificate: "This stops working when the portal's certificate expires."
        case .routerOption114 where device.asksCaptivePortalAPI:
            "It shows no time left, because option 114 does not name the portal's API."
        case .portalAPI where device.asksCaptivePortalAPI:
            "It shows no time left, because the portal's API does not respond as expected."
        case .routerClock: "Provider sign-in or DNS over HTTPS may fail, because a clock is wrong."
        case .routerNames: "The page may not load, because the router may not resolve the portal's name."
        case .routerSetup:
            "The router's hotspot is not configured as the portal's script configures it; devices may get online without signing in."
        case .routerGarden: "The page, or a provider's page, may not load, because the walled garden is incomplete."
        case .routerNetworks: "Guests on some networks see an error, because no instance covers those networks."
        case .routerProbeHosts:
            "While a guest signs in, the device may believe that it is online and close the page early."
        case .signInProvider, .signInRedirect: "Signing in with a provider fails."
        case .signInWays: "Guests on some networks have no other sign-in method."
        case .signInWindow where device.usesEmbeddedWindow:
            "Google does not allow its sign-in page in that window; the portal's page offers an address to open in a browser instead."
        default: nil
        }
    }
}

extension GuestDevice {
    /// Whether the sign-in window is an embedded web view instead of a full browser.
    var usesEmbeddedWindow: Bool {
        switch self {
        case .ios, .macos, .android, .linux: true
        case .windows, .chromeos, .firefox: false
        }
    }
}
