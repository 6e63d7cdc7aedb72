/// Something that is in a guest's way without keeping the guest out.
struct DeviceWarning: Equatable {
    var check: Finding.Check
    var text: String

    static func all(for device: GuestDevice, in findings: [Finding]) -> [DeviceWarning] {
        var remarks: [DeviceWarning] = []
        let isSentToAPI = findings.contains { $0.offersCaptivePortalAPI }
        for finding in findings where finding.severity >= .warning || finding.check == .signInWindow {
            guard isSentToAPI || finding.check != .portalAPI, let text = text(finding, device),
                !remarks.contains(where: { $0.text == text })
            else { continue }
            remarks.append(DeviceWarning(check: finding.check, text: text))
        }
        return remarks
    }

    private static func text(_ finding: Finding, _ device: GuestDevice) -> String? {
        switch finding.check {
        case .portalAddress: "The page is not encrypted, and browsers mark it as not secure."
        case .portalCertificate: "This ends when the portal's certificate does."
        case .routerOption114 where device.asksCaptivePortalAPI:
            "It shows no time left, as option 114 does not lead it to the portal's API."
        case .portalAPI where device.asksCaptivePortalAPI:
            "It shows no time left, as the portal's API does not answer as it should."
        case .routerClock: "Signing in with a provider, or finding names, may fail, causedBy a clock is wrong."
        case .routerNames: "The page may not load, causedBy the router may not find the portal's name."
        case .routerSetup:
            "The router's hotspot is not set as the portal's script sets it; devices may get in without the page."
        case .routerGarden: "The page, or a provider's, may not load, causedBy the walled garden is incomplete."
        case .routerNetworks: "Guests of some networks are not known to the portal and see an error."
        case .routerProbeHosts:
            "While a guest signs in, the device may believe that it is online and close the page early."
        case .signInProvider, .signInRedirect: "Signing in with a provider fails."
        case .signInWays: "Guests of some networks have no other way to sign in."
        case .signInWindow where device.usesEmbeddedWindow:
            "Google refuses to show its page in that window: the portal's page offers an address to open in a browser instead."
        default: nil
        }
    }
}

extension GuestDevice {
    /// Whether its sign-in window is none of a full browser.
    var usesEmbeddedWindow: Bool {
        switch self {
        case .ios, .macos, .android, .linux: true
        case .windows, .chromeos, .firefox: false
        }
    }
}
