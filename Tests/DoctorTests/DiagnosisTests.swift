import Captive
import Doctor
import Foundation
import GatewaySimulator
import Gateways
import HTTPServer
import NetworkAddress
import Storage
import Testing

/// Whole examinations: a venue that is well, and one for each way in which it can be ill.
@Suite struct DiagnosisTests {
    @Test func `a venue that is well has no problem, and every device works`() async throws {
        let clinic = try await Clinic()
        let diagnosis = try await clinic.examine()
        #expect(diagnosis.severity == .advice, "the router of a test is reached without TLS")
        #expect(diagnosis.findings.filter { $0.severity != .ok }.map(\.check) == [.routerSettings])
        #expect(diagnosis.devices.allSatisfy { $0.outcome == .works })
        #expect(diagnosis.siteName == "Hotel")
        let looked = Set(diagnosis.findings.map(\.check))
        #expect(looked == Set(Finding.Check.allCases.filter { !$0.rawValue.hasPrefix("sign-in.") }))
    }

    @Test(arguments: [RouterRelease.v6_42, .v6_49, .v7_16, .v7_21])
    func `a router that speaks the API is examined as well as one that speaks REST`(release: RouterRelease) async throws
    {
        let clinic = try await Clinic(api: release)
        #expect(try await clinic.examine().findings.filter { $0.severity != .ok }.map(\.check) == [.routerSettings])
        clinic.router.setClock(ahead: 400)
        clinic.router.set("ip/dhcp-server/option", ["value": "'https://hotspot.guest/api'"])
        clinic.router.add("ip/hotspot/walled-garden", ["dst-host": "*.apple.com", "action": "allow"])
        #expect(try await clinic.examine().problems == [.routerClock, .routerOption114, .routerProbeHosts])
    }

    @Test func `a site that nobody knows is not examined`() async throws {
        #expect(try await Clinic().examine(UUID()) == nil)
    }

    @Test func `a site is not examined twice at a time`() async throws {
        let clinic = try await Clinic()
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    do { _ = try await clinic.examine(clinic.siteID) } catch is SiteExaminationBusy {
                        return true
                    } catch {}
                    return false
                }
            }
            let refused = await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            #expect(refused > 0)
        }
        _ = try await clinic.examine()
    }

    // MARK: The portal

    @Test func `a certificate that signs itself keeps devices out`() async throws {
        let clinic = try await Clinic(certificate: { try $0.selfSigned(for: Clinic.name) })
        let diagnosis = try await clinic.examine()
        #expect(diagnosis.problems == [.portalCertificate])
        #expect(diagnosis[.ios]?.sees.hasPrefix("Nothing opens") == true)
        #expect(diagnosis[.windows]?.sees.contains("full-page warning") == true)
    }

    @Test func `a certificate for another name keeps devices out`() async throws {
        let diagnosis = try await Clinic(certificate: { try $0.certificate(for: "other.example.org") }).examine()
        #expect(diagnosis[.portalCertificate]?.summary.contains("not for portal.example.org") == true)
    }

    @Test func `a certificate that ends soon is a warning`() async throws {
        let diagnosis = try await Clinic(certificate: { try $0.certificate(for: Clinic.name, days: 20) }).examine()
        #expect(diagnosis[.portalCertificate]?.severity == .warning)
        #expect(diagnosis.problems.isEmpty)
        #expect(diagnosis[.android]?.outcome == .hindered)
    }

    @Test func `a page that does not come is a problem of its network`() async throws {
        let clinic = try await Clinic(answers: { $0.entry = { _ in .text(.notFound, "no such network") } })
        let diagnosis = try await clinic.examine()
        #expect(diagnosis[.portalEntry]?.subject == Clinic.network)
        #expect(diagnosis.devices.allSatisfy { $0.outcome == .fails && $0.because == [.portalEntry] })
    }

    @Test func `an API that answers wrongly silences only those who rely on it`() async throws {
        let clinic = try await Clinic(answers: { $0.api = { $0.json("{\"captive\":true}") } })
        let diagnosis = try await clinic.examine()
        #expect(diagnosis.problems == [.portalAPI])
        #expect(diagnosis[.ios]?.outcome == .fails && diagnosis[.firefox]?.outcome == .works)
        #expect(diagnosis[.android]?.outcome == .hindered, "it goes by its probe then")
    }

    @Test func `a portal that forges an open network is told by each device`() async throws {
        let clinic = try await Clinic(answers: { $0.probe = { _ in .text(.noContent, "") } })
        #expect(try await clinic.examine()[.portalProbe]?.severity == .problem)
    }

    // MARK: The router

    @Test func `a router that is down is a problem, and is asked no more`() async throws {
        let clinic = try await Clinic()
        await clinic.router.stop()
        let diagnosis = try await clinic.examine()
        #expect(diagnosis.problems == [.routerHealth])
        #expect(diagnosis[.routerClock] == nil)
        #expect(diagnosis[.ios]?.outcome == .fails)
    }

    @Test(arguments: [(90.0, Finding.Severity.warning), (-400, .problem), (20, .ok)])
    func `a wrong clock is found`(ahead: TimeInterval, severity: Finding.Severity) async throws {
        let clinic = try await Clinic()
        clinic.router.setClock(ahead: ahead)
        let finding = try #require(try await clinic.examine()[.routerClock])
        #expect(finding.severity == severity, "\(finding)")
    }

    @Test func `a clock in another time zone and an older form is read right`() async throws {
        let clinic = try await Clinic()
        clinic.router.setClock(ahead: 19_800)
        clinic.router.set("system/clock", ["gmt-offset": "+05:30"])
        #expect(try await clinic.examine()[.routerClock]?.severity == .ok)
    }

    @Test(arguments: ["9223372036854775807:00", "-9223372036854775808:00", "+00:9223372036854775807"])
    func `a clock that no zone has does not stop the doctor`(_ offset: String) async throws {
        let clinic = try await Clinic()
        clinic.router.set("system/clock", ["gmt-offset": offset])
        #expect(try await clinic.examine()[.routerClock]?.severity != .ok)
    }

    @Test func `a missing option 114 is a warning, a wrong one a problem`() async throws {
        let clinic = try await Clinic()
        clinic.router.set("ip/dhcp-server/option", ["value": "'https://hotspot.guest/api'"])
        #expect(try await clinic.examine()[.routerOption114]?.severity == .problem)
        clinic.router.set("ip/dhcp-server/network", ["dhcp-option": ""])
        let diagnosis = try await clinic.examine()
        #expect(diagnosis[.routerOption114]?.severity == .warning)
        #expect(diagnosis[.ios]?.outcome == .hindered && diagnosis[.windows]?.outcome == .works)
    }

    @Test func `option 114 is read from a set, and in hexadecimal`() async throws {
        let clinic = try await Clinic()
        let hex = "0x" + Array("\(Clinic.origin)/captive-portal/api".utf8).map { String($0, radix: 16) }.joined()
        clinic.router.set("ip/dhcp-server/option", ["value": hex])
        clinic.router.add("ip/dhcp-server/option/sets", ["name": "guests", "options": "other,portico-captive"])
        clinic.router.set("ip/dhcp-server/network", ["dhcp-option": "", "dhcp-option-set": "guests"])
        #expect(try await clinic.examine()[.routerOption114]?.severity == .ok)
    }

    @Test(arguments: ["ip/hotspot/walled-garden", "ip/hotspot/walled-garden/ip"])
    func `a probe host in the walled garden is a problem, whoever opened it`(menu: String) async throws {
        let clinic = try await Clinic()
        let action = menu.hasSuffix("ip") ? "accept" : "allow"
        clinic.router.add(menu, ["dst-host": "captive.apple.com", "action": action, "comment": "by hand"])
        let diagnosis = try await clinic.examine()
        #expect(diagnosis.problems == [.routerProbeHosts])
        #expect(diagnosis[.ios]?.outcome == .fails && diagnosis[.android]?.outcome == .works)
        clinic.router.set(menu, where: ["comment": "by hand"], ["disabled": "true"])
        #expect(try await clinic.examine().problems.isEmpty)
    }

    @Test(arguments: [
        ("ip/hotspot/walled-garden", ["action": "allow"]), ("ip/hotspot/walled-garden/ip", ["action": "accept"]),
        ("ip/hotspot/walled-garden/ip", ["action": "accept", "protocol": "tcp", "dst-port": "443"]),
        ("ip/hotspot/walled-garden/ip", ["action": "accept", "protocol": "tcp", "dst-port": "22,79-81"]),
    ]) func `an entry that opens everything silences every device`(menu: String, row: [String: String]) async throws {
        let clinic = try await Clinic()
        clinic.router.add(menu, row)
        let diagnosis = try await clinic.examine()
        #expect(diagnosis.problems == [.routerProbeHosts])
        #expect(diagnosis.devices.allSatisfy { $0.outcome == .fails })
    }

    @Test(arguments: [
        ["action": "accept", "protocol": "udp"], ["action": "accept", "protocol": "tcp", "dst-port": "5223"],
        ["action": "accept", "dst-address-list": "staff"], ["action": "accept", "src-address": "10.5.0.9"],
        ["action": "reject", "dst-host": "captive.apple.com"], ["action": "accept", "invalid": "true"],
        ["action": "accept", "dst-address": "17.249.0.0/24"],
    ]) func `an entry that no probe passes keeps nobody out`(row: [String: String]) async throws {
        let clinic = try await Clinic()
        clinic.router.add("ip/hotspot/walled-garden/ip", row)
        #expect(try await clinic.examine()[.routerProbeHosts]?.severity == .ok)
    }

    @Test func `a probe host that an earlier entry denies stays closed`() async throws {
        let clinic = try await Clinic()
        clinic.router.add("ip/hotspot/walled-garden", ["dst-host": "detectportal.firefox.com", "action": "deny"])
        clinic.router.add("ip/hotspot/walled-garden", ["dst-host": "*.firefox.com", "action": "allow"])
        #expect(try await clinic.examine()[.routerProbeHosts]?.severity == .ok)
        clinic.router.add("ip/hotspot/walled-garden/ip", ["dst-host": "detectportal.firefox.com", "action": "accept"])
        #expect(try await clinic.examine().problems == [.routerProbeHosts])
    }

    @Test(arguments: ["17.0.0.0/8", "17.253.4.0/24"])
    func `a block that holds Apple's probe hosts silences Apple's devices`(block: String) async throws {
        let clinic = try await Clinic()
        clinic.router.add("ip/hotspot/walled-garden/ip", ["dst-address": block, "action": "accept"])
        let diagnosis = try await clinic.examine()
        #expect(diagnosis[.ios]?.outcome == .fails && diagnosis[.macos]?.outcome == .fails)
        #expect(diagnosis[.android]?.outcome == .works)
    }

    @Test func `a domain that opens a probe host while guests sign in is a warning`() async throws {
        let clinic = try await Clinic()
        clinic.router.add(
            "ip/dns/static",
            ["name": "gstatic.com", "type": "FWD", "match-subdomain": "true", "address-list": "portal-oauth"])
        let diagnosis = try await clinic.examine()
        #expect(diagnosis[.routerProbeHosts]?.severity == .warning)
        #expect(diagnosis[.android]?.outcome == .hindered)
    }

    @Test func `a walled garden that was emptied is a warning`() async throws {
        let clinic = try await Clinic()
        clinic.router.set("ip/hotspot/walled-garden/ip", ["disabled": "true"])
        #expect(try await clinic.examine()[.routerGarden]?.severity == .warning)
    }

    @Test(arguments: [
        ("login-by", "cookie,http-pap"), ("login-by", "http-pap,trial"), ("use-radius", "true"),
        ("html-directory", "hotspot"), ("dns-name", ""),
    ]) func `a hotspot that is set otherwise is a warning`(field: String, value: String) async throws {
        let clinic = try await Clinic()
        clinic.router.set("ip/hotspot/profile", where: ["name": "portico"], [field: value])
        #expect(try await clinic.examine()[.routerSetup]?.severity == .warning)
    }

    @Test(arguments: ["disabled", "invalid"])
    func `where no hotspot runs, nothing is called well and every device is online`(flag: String) async throws {
        let clinic = try await Clinic()
        clinic.router.set("ip/hotspot", [flag: "true"])
        let diagnosis = try await clinic.examine()
        #expect(diagnosis.problems == [.routerHealth, .routerSetup])
        #expect(diagnosis[.routerRedirect]?.severity == .advice)
        #expect(diagnosis.devices.allSatisfy { $0.outcome == .fails && $0.sees.contains("without the page") })
    }

    @Test(arguments: [
        ("10.5.0.0/16", Finding.Severity.warning), ("10.5.0.2-10.5.0.200", .warning), ("10.5.0.9", .ok),
    ]) func `a binding that lets a whole network past the portal is a warning`(
        address: String, severity: Finding.Severity
    ) async throws {
        let clinic = try await Clinic()
        clinic.router.add("ip/hotspot/ip-binding", ["address": address, "type": "bypassed"])
        #expect(try await clinic.examine()[.routerSetup]?.severity == severity)
    }

    @Test func `a router that sends guests elsewhere, or to another site, is found out`() async throws {
        let clinic = try await Clinic()
        clinic.router.set("file", where: ["name": "portico/login.html"], ["contents": "<a href='http://old.example/'>"])
        #expect(try await clinic.examine()[.routerRedirect]?.severity == .ok, "the other page still leads there")
        for page in RouterScript.pages(publicURL: Clinic.origin, siteID: UUID()) {
            clinic.router.set("file", where: ["name": "portico/\(page.file)"], ["contents": page.html])
        }
        let diagnosis = try await clinic.examine()
        #expect(diagnosis[.routerRedirect]?.summary.contains("another site") == true)
        #expect(diagnosis.devices.allSatisfy { $0.because == [.routerRedirect] })
        clinic.router.set("file", ["contents": "<html>Welcome to <a href='https://old.example/in?x=1'>us</a>"])
        let finding = try #require(try await clinic.examine()[.routerRedirect])
        #expect(finding.severity == .problem && finding.evidence.first == "portico/login.html: https://old.example/in")
    }

    @Test func `pages that the router does not show are said to be unseen`() async throws {
        let clinic = try await Clinic()
        clinic.router.set("file", ["contents": ""])
        let finding = try #require(try await clinic.examine()[.routerRedirect])
        #expect(finding.severity == .advice && finding.summary.contains("could not be read"))
    }

    @Test func `a router without DNS cannot lead guests to the portal, unless it knows the name itself`() async throws {
        let clinic = try await Clinic()
        clinic.router.set("ip/dns", ["servers": ""])
        #expect(try await clinic.examine().problems == [.routerNames])
        clinic.router.add("ip/dns/static", ["name": "Portal.example.org", "address": "10.0.0.2"])
        #expect(try await clinic.examine().problems.isEmpty)
    }

    @Test func `what the router does not let be read is said to be unseen`() async throws {
        let clinic = try await Clinic()
        clinic.router.plan(.refuse(status: 500, detail: "not enough permissions (9)"), on: "GET system/clock", times: 9)
        let finding = try #require(try await clinic.examine()[.routerClock])
        #expect(finding.severity == .advice && finding.summary.contains("could not be read"))
    }

    // MARK: The site

    @Test func `a site without a router, and one in the books only, are told apart`() async throws {
        let clinic = try await Clinic()
        try await clinic.setRouter(driver: .none, url: nil)
        #expect(try await clinic.examine()[.routerSettings]?.severity == .advice)
        _ = try await clinic.store.upsertSite(clinic.siteID, in: .default, now: Date()) { $0.router = nil }
        #expect(try await clinic.examine().problems == [.routerSettings])
    }

    @Test func `a site at which no instance is active is a problem`() async throws {
        let clinic = try await Clinic()
        let other = UUID()
        _ = try await clinic.store.upsertSite(other, in: .default, now: Date()) { $0.router = nil }
        let diagnosis = try #require(try await clinic.examine(other))
        #expect(diagnosis.problems == [.siteInstances, .routerSettings])
    }

    // MARK: Signing in

    @Test func `an integration that is well is told as such, and Google's window is explained`() async throws {
        let diagnosis = try await Clinic(integration: .google).examine()
        #expect(diagnosis.problems.isEmpty)
        #expect(diagnosis[.signInProvider]?.severity == .ok && diagnosis[.signInTestPage]?.severity == .ok)
        #expect(diagnosis[.ios]?.because == [.signInWindow])
    }

    @Test func `a provider that does not know the client is a problem`() async throws {
        let checks = [SignInDirectory.Check("client", passed: false, "the secret is wrong")]
        let diagnosis = try await Clinic(integration: .azure, checks: checks).examine()
        #expect(diagnosis.problems == [.signInProvider, .signInWays])
        #expect(diagnosis[.signInProvider]?.summary == "Staff: client: the secret is wrong")
        #expect(diagnosis[.signInSecret]?.severity == .advice)
    }

    @Test func `a provider that fails keeps everybody out where there is no other way`() async throws {
        let checks = [SignInDirectory.Check("client", passed: false, "the secret is wrong")]
        let clinic = try await Clinic(integration: .azure, checks: checks)
        let diagnosis = try await clinic.examine()
        #expect(diagnosis[.signInWays]?.severity == .problem)
        #expect(diagnosis.devices.allSatisfy { $0.because == [.signInWays] })
        try await clinic.store.create(
            Instance(
                id: UUID(), workspace: .default, name: "Café", strategy: .coupon, sessionTTL: 3_600,
                sites: [.init(siteID: clinic.siteID, subnets: [try #require(Subnet("10.6.0.0/16"))])],
                createdAt: Date()))
        let mixed = try await clinic.examine()
        #expect(mixed[.signInWays]?.summary.hasPrefix("Guests of 10.5.0.0/16 cannot sign in") == true)
        #expect(mixed.devices.allSatisfy { $0.outcome == .hindered })
    }

    @Test func `a test page that does not open is a warning`() async throws {
        let diagnosis = try await Clinic(
            integration: .github, answers: { $0.testPage = .text(.internalServerError, "") }
        )
        .examine()
        #expect(diagnosis[.signInTestPage]?.severity == .warning)
    }
}
