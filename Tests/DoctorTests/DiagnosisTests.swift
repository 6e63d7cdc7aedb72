import Captive
import Doctor
import Foundation
import GatewaySimulator
import Gateways
import HTTPServer
import NetworkAddress
import Storage
import Testing

/// Whole examinations: a site without problems, and one site per fault.
@Suite struct DiagnosisTests {
    @Test func `a site without faults has no problem, and every device works`() async throws {
        let fixture = try await DoctorFixture()
        let diagnosis = try await fixture.examine()
        #expect(diagnosis.severity == .advice, "the router of a test is reached without TLS")
        #expect(diagnosis.findings.filter { $0.severity != .ok }.map(\.check) == [.routerSettings])
        #expect(diagnosis.devices.allSatisfy { $0.outcome == .works })
        #expect(diagnosis.siteName == "Hotel")
        let checked = Set(diagnosis.findings.map(\.check))
        #expect(checked == Set(Finding.Check.allCases.filter { !$0.rawValue.hasPrefix("sign-in.") }))
    }

    @Test(arguments: [RouterRelease.v6_42, .v6_49, .v7_16, .v7_21])
    func `a router with the API is examined like one with REST`(release: RouterRelease) async throws {
        let fixture = try await DoctorFixture(api: release)
        #expect(try await fixture.examine().findings.filter { $0.severity != .ok }.map(\.check) == [.routerSettings])
        fixture.router.setClock(ahead: 400)
        fixture.router.set("ip/dhcp-server/option", ["value": "'https://hotspot.guest/api'"])
        fixture.router.add("ip/hotspot/walled-garden", ["dst-host": "*.apple.com", "action": "allow"])
        #expect(try await fixture.examine().problems == [.routerClock, .routerOption114, .routerProbeHosts])
    }

    @Test func `an unknown site is not examined`() async throws {
        #expect(try await DoctorFixture().examine(UUID()) == nil)
    }

    @Test func `a site is not examined twice at the same time`() async throws {
        let fixture = try await DoctorFixture()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    do { _ = try await fixture.examine(fixture.siteID) } catch is SiteExaminationBusy {
                        return true
                    } catch {}
                    return false
                }
            }
            let refused = await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            #expect(refused > 0)
        }
        _ = try await fixture.examine()
    }

    // MARK: The portal

    @Test func `a self-signed certificate makes devices fail`() async throws {
        let fixture = try await DoctorFixture(certificate: { try $0.selfSigned(for: DoctorFixture.name) })
        let diagnosis = try await fixture.examine()
        #expect(diagnosis.problems == [.portalCertificate])
        #expect(diagnosis[.ios]?.guestSees.hasPrefix("Nothing opens") == true)
        #expect(diagnosis[.windows]?.guestSees.contains("full-page warning") == true)
    }

    @Test func `a certificate for another name makes devices fail`() async throws {
        let diagnosis = try await DoctorFixture(certificate: { try $0.certificate(for: "other.example.org") }).examine()
        #expect(diagnosis[.portalCertificate]?.summary.contains("not valid for portal.example.org") == true)
    }

    @Test func `a certificate that expires soon is a warning`() async throws {
        let diagnosis = try await DoctorFixture(certificate: { try $0.certificate(for: DoctorFixture.name, days: 20) })
            .examine()
        #expect(diagnosis[.portalCertificate]?.severity == .warning)
        #expect(diagnosis.problems.isEmpty)
        #expect(diagnosis[.android]?.outcome == .degraded)
    }

    @Test func `a missing page is a problem of its network`() async throws {
        let fixture = try await DoctorFixture(answers: { $0.entry = { _ in .text(.notFound, "no such network") } })
        let diagnosis = try await fixture.examine()
        #expect(diagnosis[.portalEntry]?.subject == DoctorFixture.network)
        #expect(diagnosis.devices.allSatisfy { $0.outcome == .fails && $0.causedBy == [.portalEntry] })
    }

    @Test func `a wrong API response affects only devices that rely on the API`() async throws {
        let fixture = try await DoctorFixture(answers: { $0.api = { $0.json("{\"captive\":true}") } })
        let diagnosis = try await fixture.examine()
        #expect(diagnosis.problems == [.portalAPI])
        #expect(diagnosis[.ios]?.outcome == .fails && diagnosis[.firefox]?.outcome == .works)
        #expect(diagnosis[.android]?.outcome == .degraded, "it falls back to its probe")
    }

    @Test func `a portal that forges an open network is a problem for each device`() async throws {
        let fixture = try await DoctorFixture(answers: { $0.probe = { _ in .text(.noContent, "") } })
        #expect(try await fixture.examine()[.portalProbe]?.severity == .problem)
    }

    // MARK: The router

    @Test func `an unreachable router is a problem, and is not examined further`() async throws {
        let fixture = try await DoctorFixture()
        await fixture.router.stop()
        let diagnosis = try await fixture.examine()
        #expect(diagnosis.problems == [.routerHealth])
        #expect(diagnosis[.routerClock] == nil)
        #expect(diagnosis[.ios]?.outcome == .fails)
    }

    @Test(arguments: [(90.0, Finding.Severity.warning), (-400, .problem), (20, .ok)])
    func `a wrong clock is reported`(ahead: TimeInterval, severity: Finding.Severity) async throws {
        let fixture = try await DoctorFixture()
        fixture.router.setClock(ahead: ahead)
        let finding = try #require(try await fixture.examine()[.routerClock])
        #expect(finding.severity == severity, "\(finding)")
    }

    @Test func `a clock in another time zone and an older format is read`() async throws {
        let fixture = try await DoctorFixture()
        fixture.router.setClock(ahead: 19_800)
        fixture.router.set("system/clock", ["gmt-offset": "+05:30"])
        #expect(try await fixture.examine()[.routerClock]?.severity == .ok)
    }

    @Test(arguments: ["9223372036854775807:00", "-9223372036854775808:00", "+00:9223372036854775807"])
    func `an impossible time zone offset does not stop the doctor`(_ offset: String) async throws {
        let fixture = try await DoctorFixture()
        fixture.router.set("system/clock", ["gmt-offset": offset])
        #expect(try await fixture.examine()[.routerClock]?.severity != .ok)
    }

    @Test func `a missing option 114 is a warning, a wrong one a problem`() async throws {
        let fixture = try await DoctorFixture()
        fixture.router.set("ip/dhcp-server/option", ["value": "'https://hotspot.guest/api'"])
        #expect(try await fixture.examine()[.routerOption114]?.severity == .problem)
        fixture.router.set("ip/dhcp-server/network", ["dhcp-option": ""])
        let diagnosis = try await fixture.examine()
        #expect(diagnosis[.routerOption114]?.severity == .warning)
        #expect(diagnosis[.ios]?.outcome == .degraded && diagnosis[.windows]?.outcome == .works)
    }

    @Test func `option 114 is read from a set, and in hexadecimal`() async throws {
        let fixture = try await DoctorFixture()
        let hex = "0x" + Array("\(DoctorFixture.origin)/captive-portal/api".utf8).map { String($0, radix: 16) }.joined()
        fixture.router.set("ip/dhcp-server/option", ["value": hex])
        fixture.router.add("ip/dhcp-server/option/sets", ["name": "guests", "options": "other,portico-captive"])
        fixture.router.set("ip/dhcp-server/network", ["dhcp-option": "", "dhcp-option-set": "guests"])
        #expect(try await fixture.examine()[.routerOption114]?.severity == .ok)
    }

    @Test(arguments: ["ip/hotspot/walled-garden", "ip/hotspot/walled-garden/ip"])
    func `a probe host in any walled garden entry is a problem`(menu: String) async throws {
        let fixture = try await DoctorFixture()
        let action = menu.hasSuffix("ip") ? "accept" : "allow"
        fixture.router.add(menu, ["dst-host": "captive.apple.com", "action": action, "comment": "by hand"])
        let diagnosis = try await fixture.examine()
        #expect(diagnosis.problems == [.routerProbeHosts])
        #expect(diagnosis[.ios]?.outcome == .fails && diagnosis[.android]?.outcome == .works)
        fixture.router.set(menu, where: ["comment": "by hand"], ["disabled": "true"])
        #expect(try await fixture.examine().problems.isEmpty)
    }

    @Test(arguments: [
        ("ip/hotspot/walled-garden", ["action": "allow"]), ("ip/hotspot/walled-garden/ip", ["action": "accept"]),
        ("ip/hotspot/walled-garden/ip", ["action": "accept", "protocol": "tcp", "dst-port": "443"]),
        ("ip/hotspot/walled-garden/ip", ["action": "accept", "protocol": "tcp", "dst-port": "22,79-81"]),
    ]) func `an entry that allows everything makes every device fail`(menu: String, row: [String: String]) async throws
    {
        let fixture = try await DoctorFixture()
        fixture.router.add(menu, row)
        let diagnosis = try await fixture.examine()
        #expect(diagnosis.problems == [.routerProbeHosts])
        #expect(diagnosis.devices.allSatisfy { $0.outcome == .fails })
    }

    @Test(arguments: [
        ["action": "accept", "protocol": "udp"], ["action": "accept", "protocol": "tcp", "dst-port": "5223"],
        ["action": "accept", "dst-address-list": "staff"], ["action": "accept", "src-address": "10.5.0.9"],
        ["action": "reject", "dst-host": "captive.apple.com"], ["action": "accept", "invalid": "true"],
        ["action": "accept", "dst-address": "17.249.0.0/24"],
    ]) func `an entry that allows no probe is ok`(row: [String: String]) async throws {
        let fixture = try await DoctorFixture()
        fixture.router.add("ip/hotspot/walled-garden/ip", row)
        #expect(try await fixture.examine()[.routerProbeHosts]?.severity == .ok)
    }

    @Test func `an earlier entry that denies a probe host takes precedence`() async throws {
        let fixture = try await DoctorFixture()
        fixture.router.add("ip/hotspot/walled-garden", ["dst-host": "detectportal.firefox.com", "action": "deny"])
        fixture.router.add("ip/hotspot/walled-garden", ["dst-host": "*.firefox.com", "action": "allow"])
        #expect(try await fixture.examine()[.routerProbeHosts]?.severity == .ok)
        fixture.router.add("ip/hotspot/walled-garden/ip", ["dst-host": "detectportal.firefox.com", "action": "accept"])
        #expect(try await fixture.examine().problems == [.routerProbeHosts])
    }

    @Test(arguments: ["17.0.0.0/8", "17.253.4.0/24"])
    func `a block with Apple's probe hosts makes Apple's devices fail`(block: String) async throws {
        let fixture = try await DoctorFixture()
        fixture.router.add("ip/hotspot/walled-garden/ip", ["dst-address": block, "action": "accept"])
        let diagnosis = try await fixture.examine()
        #expect(diagnosis[.ios]?.outcome == .fails && diagnosis[.macos]?.outcome == .fails)
        #expect(diagnosis[.android]?.outcome == .works)
    }

    @Test func `a domain that allows a probe host during sign-ins is a warning`() async throws {
        let fixture = try await DoctorFixture()
        fixture.router.add(
            "ip/dns/static",
            ["name": "gstatic.com", "type": "FWD", "match-subdomain": "true", "address-list": "portal-oauth"])
        let diagnosis = try await fixture.examine()
        #expect(diagnosis[.routerProbeHosts]?.severity == .warning)
        #expect(diagnosis[.android]?.outcome == .degraded)
    }

    @Test func `an empty walled garden is a warning`() async throws {
        let fixture = try await DoctorFixture()
        fixture.router.set("ip/hotspot/walled-garden/ip", ["disabled": "true"])
        #expect(try await fixture.examine()[.routerGarden]?.severity == .warning)
    }

    @Test(arguments: [
        ("login-by", "cookie,http-pap"), ("login-by", "http-pap,trial"), ("use-radius", "true"),
        ("html-directory", "hotspot"), ("dns-name", ""),
    ]) func `a hotspot with other settings is a warning`(field: String, value: String) async throws {
        let fixture = try await DoctorFixture()
        fixture.router.set("ip/hotspot/profile", where: ["name": "portico"], [field: value])
        #expect(try await fixture.examine()[.routerSetup]?.severity == .warning)
    }

    @Test(arguments: ["disabled", "invalid"])
    func `without a hotspot no check is ok and every device is online`(flag: String) async throws {
        let fixture = try await DoctorFixture()
        fixture.router.set("ip/hotspot", [flag: "true"])
        let diagnosis = try await fixture.examine()
        #expect(diagnosis.problems == [.routerHealth, .routerSetup])
        #expect(diagnosis[.routerRedirect]?.severity == .advice)
        #expect(diagnosis.devices.allSatisfy { $0.outcome == .fails && $0.guestSees.contains("without signing in") })
    }

    @Test(arguments: [
        ("10.5.0.0/16", Finding.Severity.warning), ("10.5.0.2-10.5.0.200", .warning), ("10.5.0.9", .ok),
    ]) func `a binding that bypasses the portal for a whole network is a warning`(
        address: String, severity: Finding.Severity
    ) async throws {
        let fixture = try await DoctorFixture()
        fixture.router.add("ip/hotspot/ip-binding", ["address": address, "type": "bypassed"])
        #expect(try await fixture.examine()[.routerSetup]?.severity == severity)
    }

    @Test func `a router that redirects guests elsewhere, or to another site, is a problem`() async throws {
        let fixture = try await DoctorFixture()
        fixture.router.set(
            "file", where: ["name": "portico/login.html"], ["contents": "<a href='http://old.example/'>"])
        #expect(
            try await fixture.examine()[.routerRedirect]?.severity == .ok, "the other page still leads to the entry")
        for page in RouterScript.pages(publicURL: DoctorFixture.origin, siteID: UUID()) {
            fixture.router.set("file", where: ["name": "portico/\(page.file)"], ["contents": page.html])
        }
        let diagnosis = try await fixture.examine()
        #expect(diagnosis[.routerRedirect]?.summary.contains("another site") == true)
        #expect(diagnosis.devices.allSatisfy { $0.causedBy == [.routerRedirect] })
        fixture.router.set("file", ["contents": "<html>Welcome to <a href='https://old.example/in?x=1'>us</a>"])
        let finding = try #require(try await fixture.examine()[.routerRedirect])
        #expect(finding.severity == .problem && finding.evidence.first == "portico/login.html: https://old.example/in")
    }

    @Test func `pages that cannot be read are reported`() async throws {
        let fixture = try await DoctorFixture()
        fixture.router.set("file", ["contents": ""])
        let finding = try #require(try await fixture.examine()[.routerRedirect])
        #expect(finding.severity == .advice && finding.summary.contains("could not be read"))
    }

    @Test func `a router without DNS is a problem, unless it has a static entry for the portal`() async throws {
        let fixture = try await DoctorFixture()
        fixture.router.set("ip/dns", ["servers": ""])
        #expect(try await fixture.examine().problems == [.routerNames])
        fixture.router.add("ip/dns/static", ["name": "Portal.example.org", "address": "10.0.0.2"])
        #expect(try await fixture.examine().problems.isEmpty)
    }

    @Test func `settings that cannot be read are reported`() async throws {
        let fixture = try await DoctorFixture()
        fixture.router.plan(
            .refuse(status: 500, detail: "not enough permissions (9)"), on: "GET system/clock", times: 9)
        let finding = try #require(try await fixture.examine()[.routerClock])
        #expect(finding.severity == .advice && finding.summary.contains("could not be read"))
    }

    // MARK: The site

    @Test func `a site without a router is a problem, one with the driver none is advice`() async throws {
        let fixture = try await DoctorFixture()
        try await fixture.setRouter(driver: .none, url: nil)
        #expect(try await fixture.examine()[.routerSettings]?.severity == .advice)
        _ = try await fixture.store.upsertSite(fixture.siteID, in: .default, now: Date()) { $0.router = nil }
        #expect(try await fixture.examine().problems == [.routerSettings])
    }

    @Test func `a site without an active instance is a problem`() async throws {
        let fixture = try await DoctorFixture()
        let other = UUID()
        _ = try await fixture.store.upsertSite(other, in: .default, now: Date()) { $0.router = nil }
        let diagnosis = try #require(try await fixture.examine(other))
        #expect(diagnosis.problems == [.siteInstances, .routerSettings])
    }

    // MARK: Signing in

    @Test func `a working integration is ok, with advice about Google's sign-in window`() async throws {
        let diagnosis = try await DoctorFixture(integration: .google).examine()
        #expect(diagnosis.problems.isEmpty)
        #expect(diagnosis[.signInProvider]?.severity == .ok && diagnosis[.signInTestPage]?.severity == .ok)
        #expect(diagnosis[.ios]?.causedBy == [.signInWindow])
    }

    @Test func `a provider that rejects the client is a problem`() async throws {
        let checks = [SignInDirectory.Check("client", passed: false, "the secret is wrong")]
        let diagnosis = try await DoctorFixture(integration: .azure, checks: checks).examine()
        #expect(diagnosis.problems == [.signInProvider, .signInWays])
        #expect(diagnosis[.signInProvider]?.summary == "Staff: client: the secret is wrong")
        #expect(diagnosis[.signInSecret]?.severity == .advice)
    }

    @Test func `a failing provider is a problem where there is no other sign-in method`() async throws {
        let checks = [SignInDirectory.Check("client", passed: false, "the secret is wrong")]
        let fixture = try await DoctorFixture(integration: .azure, checks: checks)
        let diagnosis = try await fixture.examine()
        #expect(diagnosis[.signInWays]?.severity == .problem)
        #expect(diagnosis.devices.allSatisfy { $0.causedBy == [.signInWays] })
        try await fixture.store.create(
            Instance(
                id: UUID(), workspace: .default, name: "Café", strategy: .coupon, sessionTTL: 3_600,
                sites: [.init(siteID: fixture.siteID, subnets: [try #require(Subnet("10.6.0.0/16"))])],
                createdAt: Date()))
        let mixed = try await fixture.examine()
        #expect(mixed[.signInWays]?.summary.hasPrefix("Guests on 10.5.0.0/16 cannot sign in") == true)
        #expect(mixed.devices.allSatisfy { $0.outcome == .degraded })
    }

    @Test func `a test page that does not open is a warning`() async throws {
        let diagnosis = try await DoctorFixture(
            integration: .github, answers: { $0.testPage = .text(.internalServerError, "") }
        )
        .examine()
        #expect(diagnosis[.signInTestPage]?.severity == .warning)
    }
}
