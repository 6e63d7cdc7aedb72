import Captive
import Foundation
import NetworkAddress
import Testing

/// What each kind of device does, judged from findings.
@Suite struct DeviceResultTests {
    private static let option = Finding(.routerOption114, .ok, "")

    private func verdict(_ device: GuestDevice, _ findings: Finding...) -> DeviceResult {
        DeviceResult(device, findings: findings)
    }

    @Test(arguments: GuestDevice.allCases)
    func `every device works at a portal that is well`(device: GuestDevice) {
        let well = Finding.Check.allCases.filter { $0 != .signInWindow }.map { Finding($0, .ok, "") }
        let verdict = DeviceResult(device, findings: well)
        #expect(verdict.outcome == .works)
        #expect(verdict.because.isEmpty)
        #expect(!verdict.sees.isEmpty)
    }

    @Test func `each device that works is said to do what its maker lets it do`() {
        #expect(verdict(.ios).guestSees.contains("opens by itself"))
        #expect(verdict(.android).guestSees.contains("notification"))
        #expect(verdict(.windows).guestSees.contains("default browser"))
        #expect(verdict(.firefox).guestSees.contains("bar"))
    }

    @Test(arguments: [
        Finding.Check.siteInstances, .portalProbe, .portalEntry, .portalCertificate, .routerHealth, .routerSettings,
        .routerNames, .routerSetup, .routerRedirect, .signInWays,
    ]) func `what stands in every guest's way stops every device`(check: Finding.Check) {
        for device in GuestDevice.allCases {
            let verdict = verdict(device, Self.option, Finding(check, .problem, ""))
            #expect(verdict.outcome == .fails, "\(device)")
            #expect(verdict.because == [check])
        }
    }

    @Test func `an open probe host silences the devices that ask it, and no others`() {
        let leak = Finding(.routerProbeHosts, .problem, "", device: .ios)
        #expect(verdict(.ios, leak).outcome == .fails)
        #expect(verdict(.ios, leak).guestSees.hasPrefix("Nothing opens"))
        #expect(verdict(.android, leak).outcome == .works)
    }

    @Test func `a probe host that is open only while guests sign in hinders`() {
        let leak = Finding(.routerProbeHosts, .warning, "", device: .android)
        #expect(verdict(.android, leak).outcome == .degraded)
        #expect(verdict(.android, leak).guestSees.contains("close the page early"))
    }

    @Test func `a bad certificate silences devices that rely on the API that DHCP names, and makes others warn`() {
        let bad = Finding(.portalCertificate, .problem, "")
        #expect(verdict(.ios, Self.option, bad).guestSees.hasPrefix("Nothing opens"))
        #expect(verdict(.android, Self.option, bad).guestSees.contains("does not accept the portal's certificate"))
        #expect(verdict(.ios, bad).guestSees.contains("does not accept the portal's certificate"))
        #expect(verdict(.windows, Self.option, bad).guestSees.contains("full-page warning"))
    }

    @Test func `a wrong API matters only to devices that are sent to it`() {
        let wrong = Finding(.portalAPI, .problem, "")
        #expect(verdict(.ios, Self.option, wrong).outcome == .fails)
        #expect(verdict(.ios, wrong).outcome == .works)
        #expect(verdict(.windows, Self.option, wrong).outcome == .works)
        #expect(
            verdict(.android, Self.option, wrong).guestSees.contains("no time left"), "its probe is answered all the same")
    }

    @Test func `a wrong option 114 keeps out who follows it`() {
        let wrong = Finding(.routerOption114, .problem, "")
        #expect(verdict(.macos, wrong).outcome == .fails)
        #expect(verdict(.android, wrong).outcome == .degraded)
        #expect(verdict(.firefox, wrong).outcome == .works)
    }

    @Test func `a missing option 114 costs only the time left`() {
        let missing = Finding(.routerOption114, .warning, "")
        #expect(verdict(.ios, missing).outcome == .degraded)
        #expect(verdict(.ios, missing).guestSees.contains("no time left"))
        #expect(verdict(.windows, missing).outcome == .works)
    }

    @Test func `Google hinders where the window is no full browser`() {
        let google = Finding(.signInWindow, .advice, "")
        #expect(verdict(.ios, google).outcome == .degraded)
        #expect(verdict(.ios, google).causedBy == [.signInWindow])
        #expect(verdict(.windows, google).outcome == .works)
    }

    @Test func `the first trouble on the way is the one that is told`() {
        let down = Finding(.routerHealth, .problem, "")
        let leak = Finding(.routerProbeHosts, .problem, "", device: .windows)
        #expect(verdict(.windows, down, leak).causedBy == [.routerProbeHosts])
    }

    @Test func `the same remark is made once`() {
        let networks = ["10.5.0.0/16", "10.6.0.0/16"].map { Finding(.routerOption114, .warning, "", subject: $0) }
        let verdict = DeviceResult(.ios, findings: networks)
        #expect(verdict.because == [.routerOption114])
    }

    @Test func `a diagnosis is as bad as its worst finding, and orders its findings`() {
        let findings = [Finding(.routerClock, .warning, ""), Finding(.portalAddress, .ok, "")]
        let diagnosis = SiteDiagnosis(siteID: UUID(), siteName: nil, examinedAt: Date(), findings: findings)
        #expect(diagnosis.severity == .warning)
        #expect(diagnosis.findings.map(\.check) == [.portalAddress, .routerClock])
        #expect(diagnosis.devices.map(\.device) == GuestDevice.allCases)
    }

    @Test func `every host that a device probes is kept out of walled gardens`() {
        for device in GuestDevice.allCases { #expect(device.probeHosts.isSubset(of: ProbeHosts.all), "\(device)") }
    }

    @Test(arguments: [
        ("captive.apple.com", "captive.apple.com", true), ("*.apple.com", "captive.apple.com", true),
        ("*.apple.com", "apple.com", false), ("*apple*", "www.apple.com", true),
        ("www.?pple.com", "www.apple.com", true),
        ("*.gstatic.com", "www.google.com", false), ("*", "www.google.com", true),
        ("www.google.co", "www.google.com", false),
        ("a*b*c", "aXbYbZc", true), ("a*b*c", "aXbYbZ", false),
    ]) func `a pattern of a walled garden opens what it holds`(pattern: String, host: String, opens: Bool) {
        #expect(OpenHost(pattern).opens(host.lowercased()) == opens)
    }

    @Test func `a walled garden's rules open what web pages come from`() throws {
        let block = try #require(Subnet("10.9.0.0/24"))
        let open = OpenPlaces(openedBy: [
            WalledGardenRule(.host("*.example.org")), WalledGardenRule(.host("mail.example.org"), port: 25),
            WalledGardenRule(.host("shop.example"), port: 443), WalledGardenRule(.subnet(block), port: 80),
        ])
        #expect(open == OpenPlaces(hosts: [OpenHost("*.example.org"), OpenHost("shop.example")], blocks: [block]))
    }
}
