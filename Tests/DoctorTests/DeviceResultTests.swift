import Captive
import Doctor
import Foundation
import NetworkAddress
import Testing

/// What each kind of device does, derived from findings.
@Suite struct DeviceResultTests {
    private static let option = Finding(.routerOption114, .ok, "")

    private func result(_ device: GuestDevice, _ findings: Finding...) -> DeviceResult {
        DeviceResult(device, findings: findings)
    }

    @Test(arguments: GuestDevice.allCases)
    func `every device works at a portal without problems`(device: GuestDevice) {
        let ok = Finding.Check.allCases.filter { $0 != .signInWindow }.map { Finding($0, .ok, "") }
        let result = DeviceResult(device, findings: ok)
        #expect(result.outcome == .works)
        #expect(result.causedBy.isEmpty)
        #expect(!result.guestSees.isEmpty)
    }

    @Test func `each device that works has its own description`() {
        #expect(result(.ios).guestSees.contains("opens by itself"))
        #expect(result(.android).guestSees.contains("notification"))
        #expect(result(.windows).guestSees.contains("default browser"))
        #expect(result(.firefox).guestSees.contains("bar"))
    }

    @Test(arguments: [
        Finding.Check.siteInstances, .portalProbe, .portalEntry, .portalCertificate, .routerHealth, .routerSettings,
        .routerNames, .routerSetup, .routerRedirect, .signInWays,
    ]) func `a problem of every guest makes every device fail`(check: Finding.Check) {
        for device in GuestDevice.allCases {
            let result = result(device, Self.option, Finding(check, .problem, ""))
            #expect(result.outcome == .fails, "\(device)")
            #expect(result.causedBy == [check])
        }
    }

    @Test func `an allowed probe host makes only the devices that probe it fail`() {
        let leak = Finding(.routerProbeHosts, .problem, "", device: .ios)
        #expect(result(.ios, leak).outcome == .fails)
        #expect(result(.ios, leak).guestSees.hasPrefix("Nothing opens"))
        #expect(result(.android, leak).outcome == .works)
    }

    @Test func `a probe host that is allowed during sign-ins only degrades`() {
        let leak = Finding(.routerProbeHosts, .warning, "", device: .android)
        #expect(result(.android, leak).outcome == .degraded)
        #expect(result(.android, leak).guestSees.contains("close the page early"))
    }

    @Test func `a bad certificate opens nothing on devices that rely on the API, and a warning on others`() {
        let bad = Finding(.portalCertificate, .problem, "")
        #expect(result(.ios, Self.option, bad).guestSees.hasPrefix("Nothing opens"))
        #expect(result(.android, Self.option, bad).guestSees.contains("does not accept the portal's certificate"))
        #expect(result(.ios, bad).guestSees.contains("does not accept the portal's certificate"))
        #expect(result(.windows, Self.option, bad).guestSees.contains("full-page warning"))
    }

    @Test func `a wrong API affects only devices that call it`() {
        let wrong = Finding(.portalAPI, .problem, "")
        #expect(result(.ios, Self.option, wrong).outcome == .fails)
        #expect(result(.ios, wrong).outcome == .works)
        #expect(result(.windows, Self.option, wrong).outcome == .works)
        #expect(
            result(.android, Self.option, wrong).guestSees.contains("no time left"), "it falls back to its probe")
    }

    @Test func `a wrong option 114 makes devices that rely on it fail`() {
        let wrong = Finding(.routerOption114, .problem, "")
        #expect(result(.macos, wrong).outcome == .fails)
        #expect(result(.android, wrong).outcome == .degraded)
        #expect(result(.firefox, wrong).outcome == .works)
    }

    @Test func `a missing option 114 only hides the time left`() {
        let missing = Finding(.routerOption114, .warning, "")
        #expect(result(.ios, missing).outcome == .degraded)
        #expect(result(.ios, missing).guestSees.contains("no time left"))
        #expect(result(.windows, missing).outcome == .works)
    }

    @Test func `Google degrades devices whose window is not a full browser`() {
        let google = Finding(.signInWindow, .advice, "")
        #expect(result(.ios, google).outcome == .degraded)
        #expect(result(.ios, google).causedBy == [.signInWindow])
        #expect(result(.windows, google).outcome == .works)
    }

    @Test func `the first problem in the order of a sign-in decides`() {
        let down = Finding(.routerHealth, .problem, "")
        let leak = Finding(.routerProbeHosts, .problem, "", device: .windows)
        #expect(result(.windows, down, leak).causedBy == [.routerProbeHosts])
    }

    @Test func `the same warning is given once`() {
        let networks = ["10.5.0.0/16", "10.6.0.0/16"].map { Finding(.routerOption114, .warning, "", subject: $0) }
        let result = DeviceResult(.ios, findings: networks)
        #expect(result.causedBy == [.routerOption114])
    }

    @Test func `a diagnosis has the severity of its worst finding, and sorts its findings`() {
        let findings = [Finding(.routerClock, .warning, ""), Finding(.portalAddress, .ok, "")]
        let diagnosis = SiteDiagnosis(siteID: UUID(), siteName: nil, examinedAt: Date(), findings: findings)
        #expect(diagnosis.severity == .warning)
        #expect(diagnosis.findings.map(\.check) == [.portalAddress, .routerClock])
        #expect(diagnosis.devices.map(\.device) == GuestDevice.allCases)
    }

    @Test func `every device's probe hosts are in ProbeHosts`() {
        for device in GuestDevice.allCases { #expect(device.probeHosts.isSubset(of: ProbeHosts.all), "\(device)") }
    }

    @Test(arguments: [
        ("captive.apple.com", "captive.apple.com", true), ("*.apple.com", "captive.apple.com", true),
        ("*.apple.com", "apple.com", false), ("*apple*", "www.apple.com", true),
        ("www.?pple.com", "www.apple.com", true),
        ("*.gstatic.com", "www.google.com", false), ("*", "www.google.com", true),
        ("www.google.co", "www.google.com", false),
        ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false),
    ]) func `a walled garden pattern matches hosts`(pattern: String, host: String, opens: Bool) {
        #expect(OpenHost(pattern).opens(host.lowercased()) == opens)
    }

    @Test func `rules for web ports are open hosts and blocks`() throws {
        let block = try #require(Subnet("10.9.0.0/24"))
        let open = ReachableHosts(openedBy: [
            WalledGardenRule(.host("*.example.org")), WalledGardenRule(.host("mail.example.org"), port: 25),
            WalledGardenRule(.host("shop.example"), port: 443), WalledGardenRule(.subnet(block), port: 80),
        ])
        #expect(open == ReachableHosts(hosts: [OpenHost("*.example.org"), OpenHost("shop.example")], blocks: [block]))
    }
}
