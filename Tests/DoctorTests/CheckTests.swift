import Captive
import Foundation
import HTTPClient
import NetworkAddress
import Testing

@testable import Doctor

/// The doctor's checks on given data, without requests.
@Suite struct CheckTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func endpoints(_ origin: String = "https://portal.example.org") throws -> PortalEndpoints {
        try #require(PortalEndpoints(origin: origin, plain: nil))
    }

    // MARK: Certificates

    private func certificate(_ change: (inout ServerCertificate) -> Void = { _ in }) -> [Finding] {
        var certificate = ServerCertificate(notBefore: now - 86_400, notAfter: now + 60 * 86_400, subject: "portal")
        change(&certificate)
        return CertificateCheck(certificate: certificate, host: "portal.example.org", now: now).findings
    }

    @Test func `a valid certificate is ok`() {
        #expect(certificate().map(\.severity) == [.ok])
    }

    @Test(arguments: [(22.0, Finding.Severity.ok), (20, .warning), (0.5, .warning), (-0.1, .problem), (-90, .problem)])
    func `a certificate is checked for the days until it expires`(days: Double, severity: Finding.Severity) {
        #expect(certificate { $0.notAfter = now + days * 86_400 }.map(\.severity) == [severity])
    }

    @Test func `a certificate that is not valid yet is a problem`() {
        #expect(certificate { $0.notBefore = now + 60 }.first?.summary.contains("not valid before") == true)
    }

    @Test func `an expired certificate gives one finding, although its chain fails too`() {
        let findings = certificate {
            $0.notAfter = now - 60
            $0.issue = "certificate has expired"
        }
        #expect(findings.count == 1)
    }

    @Test func `a wrong name and a wrong chain are both reported`() {
        let findings = certificate {
            $0.matchesHost = false
            $0.issue = "unable to get local issuer certificate"
        }
        #expect(findings.map(\.severity) == [.problem, .problem])
        #expect(findings[0].summary.contains("not valid for portal.example.org"))
    }

    @Test func `a wrong chain, a self-signed certificate and a missing intermediate are distinguished`() {
        let selfSigned = certificate {
            ($0.issue, $0.isSelfSigned, $0.sentCount) = ("self-signed certificate", true, 1)
        }
        #expect(selfSigned.first?.summary.contains("self-signed") == true)
        let alone = certificate { ($0.issue, $0.sentCount) = ("unable to get local issuer certificate", 1) }
        #expect(alone.first?.summary.contains("no intermediate") == true)
        let unknown = certificate { ($0.issue, $0.sentCount) = ("unable to get local issuer certificate", 2) }
        #expect(unknown.first?.summary.contains("public authority") == true)
    }

    // MARK: The Captive Portal API

    private func api(
        _ body: String, status: Int = 200, type: String? = "application/captive+json",
        origin: String = "https://portal.example.org"
    ) throws -> Finding {
        let headers = type.map { [(name: "Content-Type", value: $0)] } ?? []
        let answer = HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
        return CaptivePortalAPICheck(endpoints: try endpoints(origin), answer: answer).finding
    }

    private static let good = #"{"captive":true,"user-portal-url":"https://portal.example.org/"}"#

    @Test(arguments: [
        "application/captive+json", "application/captive+json; charset=utf-8", "Application/Captive+JSON",
    ])
    func `a correct API response is ok`(type: String) throws {
        #expect(try api(Self.good, type: type).severity == .ok)
    }

    @Test(arguments: [
        (#"{"captive":false,"user-portal-url":"https://portal.example.org/"}"#, "online"),
        (#"{"captive":true}"#, "where to sign in"), (#"{"captive":"yes"}"#, "JSON"), ("<html>", "JSON"), ("", "JSON"),
        (#"{"captive":true,"user-portal-url":"http://portal.example.org/"}"#, "user-portal-url"),
        (
            #"{"captive":true,"user-portal-url":"https://a.example/","venue-info-url":"http://b.example/"}"#,
            "venue-info-url"
        ),
    ]) func `a wrong API response is a problem with its reason`(body: String, word: String) throws {
        let finding = try api(body)
        #expect(finding.severity == .problem && finding.summary.contains(word), "\(finding.summary)")
    }

    @Test func `status, type and length of the API response are checked`() throws {
        #expect(try api(Self.good, status: 302).severity == .problem)
        #expect(try api(Self.good, type: "application/json").severity == .problem)
        #expect(try api(Self.good, type: nil).severity == .problem)
        #expect(try api(Self.good + String(repeating: " ", count: 5_000)).severity == .problem)
    }

    @Test func `without TLS a wrong API response is advice, because no device calls the API`() throws {
        #expect(try api(#"{"captive":true,"user-portal-url":"http://a/"}"#, origin: "http://a").severity == .advice)
    }

    // MARK: The router

    @Test(arguments: [
        (0.0, Finding.Severity.ok), (59, .ok), (-59, .ok), (60, .warning), (-299, .warning), (300, .problem),
        (-86_400, .problem),
    ]) func `a clock is checked for its difference`(seconds: TimeInterval, severity: Finding.Severity) {
        for isSynchronized in [true, nil] {
            #expect(GatewayClock(ahead: seconds, isSynchronized: isSynchronized).finding.severity == severity)
        }
    }

    @Test func `if the router's clock is synchronised, the finding names the portal's clock`() {
        let finding = GatewayClock(ahead: 7_260, isSynchronized: true).finding
        #expect(
            finding.summary.hasPrefix("The portal's clock is 121 min behind the router's, which is synchronised by NTP")
        )
        #expect(
            finding.remedy?.contains("the portal's machine") == true && finding.remedy?.contains("ntp client") == false)
    }

    @Test func `a router with an unsynchronised clock is a warning`() {
        let finding = GatewayClock(ahead: -400_000, isSynchronized: false).finding
        #expect(finding.summary.hasPrefix("The router's clock is 4 days behind the portal's"))
        #expect(finding.severity == .warning && finding.remedy?.contains("ntp client") == true)
    }

    @Test func `a right clock that is not synchronised is advice`() {
        #expect(GatewayClock(ahead: 0, isSynchronized: false).finding.severity == .advice)
        #expect(GatewayClock(ahead: 0, isSynchronized: nil).finding.severity == .ok)
        for ahead in [1e308, -1e308, 9.3e18, -9.3e18, .infinity] {
            #expect(GatewayClock(ahead: ahead, isSynchronized: true).finding.severity == .problem)
        }
        #expect(GatewayClock(ahead: .nan, isSynchronized: true).finding.evidence == ["+0 s"])
    }

    private func networks(
        _ networks: [(String, String?)], claims: [String] = ["10.5.0.0/16"],
        otherSite: [String] = [], origin: String = "https://portal.example.org"
    ) throws -> [Finding] {
        let all = [(Self.site, claims), (UUID(), otherSite)].flatMap { site, subnets in
            subnets.compactMap { Subnet($0) }.map { SubnetClaim(siteID: site, subnet: $0, instanceID: UUID()) }
        }
        let guests = networks.compactMap { network, option in
            Subnet(network).map { GuestNetwork(subnet: $0, captivePortal: option) }
        }
        let known = SiteNetworks(all, at: Self.site)
        return NetworkCheck(networks: known, endpoints: try endpoints(origin)).findings(guests)
    }

    private static let site = UUID()
    private static let option = "https://portal.example.org/captive-portal/api"
    private static let ownOption = option + "?site=\(site.text)"

    @Test(
        arguments: [
            ("https://portal.example.org", option, Finding.Severity.ok),
            ("https://portal.example.org", ownOption, .ok),
            ("https://portal.example.org", option + "?site=\(UUID().text)", .problem),
            ("https://portal.example.org", nil, .warning),
            ("https://portal.example.org", "https://hotspot.guest/api", .problem), ("http://10.0.0.1", nil, .advice),
            ("http://10.0.0.1", "http://10.0.0.1/captive-portal/api", .advice), ("http://10.0.0.1", option, .problem),
        ] as [(String, String?, Finding.Severity)]) func `option 114 is compared with the portal's address`(
            origin: String, option: String?, severity: Finding.Severity
        ) throws
    {
        let findings = try networks([("10.5.0.0/16", option)], origin: origin)
        #expect(findings.first { $0.check == .routerOption114 }?.severity == severity)
    }

    @Test func `option 114 needs the site if another site uses the network`() throws {
        for (option, severity) in [(Self.option, Finding.Severity.problem), (Self.ownOption, .ok)] {
            let findings = try networks([("10.5.0.0/16", option)], otherSite: ["10.5.7.0/24"])
            #expect(findings.first { $0.check == .routerOption114 }?.severity == severity)
        }
    }

    @Test(arguments: [
        (true, "10.5.0.0/24", Finding.Severity.problem), (true, "10.6.0.0/16", .ok), (false, "10.5.0.0/24", .ok),
    ])
    func `if the portal intercepts, each site needs different subnets`(
        intercepts: Bool, otherSubnet: String, severity: Finding.Severity
    ) throws {
        let subnet = try #require(Subnet("10.5.0.0/16"))
        let instance = Instance(
            id: UUID(), workspace: .default, name: "Lobby", strategy: .coupon, sessionTTL: 60,
            sites: [.init(siteID: Self.site, subnets: [subnet])], createdAt: now)
        let claims = [
            SubnetClaim(siteID: Self.site, subnet: subnet, instanceID: instance.id),
            SubnetClaim(siteID: UUID(), subnet: try #require(Subnet(otherSubnet)), instanceID: UUID()),
        ]
        let check = InstanceCheck(
            instances: [instance], networks: SiteNetworks(claims, at: Self.site), portalIntercepts: intercepts)
        #expect(check.finding.severity == severity)
    }

    @Test func `networks and claims that agree are ok, whatever else the router serves`() throws {
        let findings = try networks([("10.5.1.0/24", Self.option), ("192.168.88.0/24", nil)])
        #expect(findings.map(\.severity) == [.ok, .ok])
    }

    @Test func `a partly claimed network is a warning`() throws {
        let findings = try networks([("10.5.0.0/15", Self.option)])
        #expect(findings.map(\.check) == [.routerNetworks, .routerOption114])
        #expect(findings.first?.severity == .warning)
    }

    @Test func `a claim without a DHCP network is advice`() throws {
        let findings = try networks([("10.5.0.0/16", Self.option)], claims: ["10.5.0.0/16", "10.6.0.0/16"])
        #expect(findings.first?.severity == .advice && findings.first?.subject == "10.6.0.0/16")
    }

    @Test func `an allowed probe host is a problem for the devices that probe it, with the pattern`() {
        let findings = ProbeHostCheck().findings(
            ReachableHosts(hosts: [OpenHost("*.apple.com"), OpenHost("www.example.org")]))
        #expect(findings.map(\.device) == [.ios, .macos])
        #expect(findings.allSatisfy { $0.severity == .problem })
        #expect(findings.first?.evidence.contains("captive.apple.com (by *.apple.com)") == true)
    }

    @Test func `a probe host that is allowed during sign-ins only is a warning`() {
        let findings = ProbeHostCheck().findings(
            ReachableHosts(hosts: [OpenHost("detectportal.firefox.com", onlyWhileSigningIn: true)]))
        #expect(findings.map(\.severity) == [.warning] && findings.map(\.device) == [.firefox])
    }

    @Test func `probe hosts of other devices and regular expressions are advice`() {
        let findings = ProbeHostCheck().findings(
            ReachableHosts(hosts: [OpenHost("ctest.cdn.nintendo.net"), OpenHost(":^.*apple")]))
        #expect(findings.map(\.severity) == [.ok, .advice, .advice])
    }

    @Test func `names are resolved by the router, by other servers, or not at all`() throws {
        let known = DNSSettings(fixed: ["portal.example.org": ["10.0.0.2"]], asksOthers: false)
        #expect(known.finding(endpoints: try endpoints()).evidence == ["10.0.0.2"])
        let forwarding = DNSSettings(fixed: [:], asksOthers: true)
        #expect(forwarding.finding(endpoints: try endpoints()).severity == .ok)
        let unresolved = DNSSettings(fixed: ["other.example.org": ["10.0.0.2"]], asksOthers: false)
        #expect(unresolved.finding(endpoints: try endpoints()).severity == .problem)
        #expect(unresolved.finding(endpoints: try endpoints("http://10.0.0.1")).severity == .ok)
    }

    @Test func `a walled garden is compared with the desired one`() throws {
        let portal = try #require(WalledGardenRule(origin: "https://portal.example.org"))
        let garden = WalledGardenCheck(
            desired: WalledGarden(portal: portal, providers: [(.github, hosts: ["github.com"])], entries: []))
        #expect(garden.finding(garden.desired.rules).severity == .ok)
        let missing = garden.finding([portal])
        #expect(missing.severity == .warning && missing.evidence == ["github.com, for github"])
        let surplus = garden.finding(garden.desired.rules + [WalledGardenRule(.host("old.example.org"))])
        #expect(surplus.severity == .advice && surplus.evidence == ["old.example.org"])
    }

    // MARK: The portal's address

    @Test func `requests for the portal's origin go to its listener, or to the resolved name behind a proxy`() throws {
        let listener = { (origin: String, isBehindProxy: Bool) in
            PortalEndpoints(
                origin: origin, plain: "127.0.0.1:80", secure: "127.0.0.1:443", wantsProxyHeader: isBehindProxy)?
                .listener
        }
        #expect(listener("https://portal.example.org", false) == "127.0.0.1:443")
        #expect(listener("http://portal.example.org", false) == "127.0.0.1:80")
        #expect(listener("https://portal.example.org", true) == nil)
        #expect(PortalEndpoints(origin: "ftp://portal.example.org", plain: nil) == nil)
    }

    @Test(arguments: [
        ("https://portal.example.org", Finding.Severity.ok), ("https://192.0.2.1", .warning),
        ("http://a.example", .warning),
        ("https://[2001:db8::1]:8443", .warning),
    ]) func `the portal's address is checked`(origin: String, severity: Finding.Severity) throws {
        #expect(try endpoints(origin).addressFinding.severity == severity)
    }

    @Test(arguments: [
        ("https://portal.example.org", AuthIntegration.Provider.azure, Finding.Severity.ok),
        ("https://192.0.2.1", .github, .ok), ("https://192.0.2.1", .google, .problem),
        ("http://a.example", .azure, .problem),
        ("http://a.example", .github, .warning), ("http://127.0.0.1:8080", .google, .advice),
    ]) func `the redirect URI is checked by the provider's rules`(
        origin: String, provider: AuthIntegration.Provider, severity: Finding.Severity
    ) throws {
        let integration = AuthIntegration(
            id: UUID(), workspace: .default, name: "Staff", provider: provider, clientID: "c",
            clientSecret: Secret("s"),
            tenant: nil, createdAt: now)
        let directory = SignInDirectory(
            diagnose: { _ in [] }, redirectURI: { "\(origin)/oauth/\($0)" }, testPath: \.text)
        #expect(RedirectURICheck(endpoints: try endpoints(origin), integration, directory).finding.severity == severity)
    }

    @Test func `concurrent examinations are limited to one per site and a total`() throws {
        let limit = ConcurrencyLimit(limit: 2)
        let sites = (0..<3).map { _ in UUID() }
        try limit.acquire(sites[0])
        #expect(throws: SiteExaminationBusy.self) { try limit.acquire(sites[0]) }
        try limit.acquire(sites[1])
        #expect(throws: SiteExaminationBusy.self) { try limit.acquire(sites[2]) }
        limit.release(sites[0])
        try limit.acquire(sites[2])
    }

    @Test func `work that takes too long is cancelled`() async {
        let late = await within(.milliseconds(10), late: "late") {
            try? await Task.sleep(for: .seconds(3_600))
            return "done"
        }
        #expect(late == "late")
        #expect(await within(.seconds(3_600), late: "late") { "done" } == "done")
    }
}
