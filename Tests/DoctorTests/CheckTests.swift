import Captive
import Foundation
import HTTPClient
import NetworkAddress
import Testing

@testable import Doctor

/// What the doctor makes of what it has seen, without asking anybody.
@Suite struct CheckTests {
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    private func door(_ origin: String = "https://portal.example.org") throws -> PortalEndpoints {
        try #require(PortalEndpoints(origin: origin, plain: nil))
    }

    // MARK: Certificates

    private func certificate(_ change: (inout ServerCertificate) -> Void = { _ in }) -> [Finding] {
        var certificate = ServerCertificate(notBefore: now - 86_400, notAfter: now + 60 * 86_400, subject: "portal")
        change(&certificate)
        return CertificateCheck(certificate: certificate, host: "portal.example.org", now: now).findings
    }

    @Test func `a sound certificate is well`() {
        #expect(certificate().map(\.severity) == [.ok])
    }

    @Test(arguments: [(22.0, Finding.Severity.ok), (20, .warning), (0.5, .warning), (-0.1, .problem), (-90, .problem)])
    func `a certificate is judged by the days that it has left`(days: Double, severity: Finding.Severity) {
        #expect(certificate { $0.notAfter = now + days * 86_400 }.map(\.severity) == [severity])
    }

    @Test func `a certificate that has not begun is a problem`() {
        #expect(certificate { $0.notBefore = now + 60 }.first?.summary.contains("begins only") == true)
    }

    @Test func `what ended is said once, though the chain fails for it too`() {
        let findings = certificate {
            $0.notAfter = now - 60
            $0.flaw = "certificate has expired"
        }
        #expect(findings.count == 1)
    }

    @Test func `a wrong name and a wrong chain are both told`() {
        let findings = certificate {
            $0.matchesHost = false
            $0.flaw = "unable to get local issuer certificate"
        }
        #expect(findings.map(\.severity) == [.problem, .problem])
        #expect(findings[0].summary.contains("not for portal.example.org"))
    }

    @Test func `a chain is told from a self-signed certificate and from a missing intermediate`() {
        let selfSigned = certificate { ($0.flaw, $0.isSelfSigned, $0.sentCount) = ("self-signed certificate", true, 1) }
        #expect(selfSigned.first?.summary.contains("signed by itself") == true)
        let alone = certificate { ($0.flaw, $0.sentCount) = ("unable to get local issuer certificate", 1) }
        #expect(alone.first?.summary.contains("no intermediate") == true)
        let unknown = certificate { ($0.flaw, $0.sentCount) = ("unable to get local issuer certificate", 2) }
        #expect(unknown.first?.summary.contains("public authority") == true)
    }

    // MARK: The Captive Portal API

    private func api(
        _ body: String, status: Int = 200, type: String? = "application/captive+json",
        origin: String = "https://portal.example.org"
    ) throws -> Finding {
        let headers = type.map { [(name: "Content-Type", value: $0)] } ?? []
        let answer = HTTPResponse(status: status, headers: headers, body: Array(body.utf8))
        return CaptivePortalAPICheck(door: try door(origin), answer: answer).finding
    }

    private static let good = #"{"captive":true,"user-portal-url":"https://portal.example.org/"}"#

    @Test(arguments: [
        "application/captive+json", "application/captive+json; charset=utf-8", "Application/Captive+JSON",
    ])
    func `a right answer of the API is well`(type: String) throws {
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
    ]) func `a wrong answer of the API is a problem that is named`(body: String, word: String) throws {
        let finding = try api(body)
        #expect(finding.severity == .problem && finding.summary.contains(word), "\(finding.summary)")
    }

    @Test func `status, type and length of the API's answer count`() throws {
        #expect(try api(Self.good, status: 302).severity == .problem)
        #expect(try api(Self.good, type: "application/json").severity == .problem)
        #expect(try api(Self.good, type: nil).severity == .problem)
        #expect(try api(Self.good + String(repeating: " ", count: 5_000)).severity == .problem)
    }

    @Test func `without TLS the API keeps nobody out, since no device asks it`() throws {
        #expect(try api(#"{"captive":true,"user-portal-url":"http://a/"}"#, origin: "http://a").severity == .advice)
    }

    // MARK: The router's part

    @Test(arguments: [
        (0.0, Finding.Severity.ok), (59, .ok), (-59, .ok), (60, .warning), (-299, .warning), (300, .problem),
        (-86_400, .problem),
    ]) func `a clock is judged by how far it is off`(seconds: TimeInterval, severity: Finding.Severity) {
        for isSynchronized in [true, nil] {
            #expect(GatewayClock(ahead: seconds, isSynchronized: isSynchronized).finding.severity == severity)
        }
    }

    @Test func `where the network sets the router's clock, the portal's is the one to look at`() {
        let finding = GatewayClock(ahead: 7_260, isSynchronized: true).finding
        #expect(finding.summary.hasPrefix("The portal's clock is 121 min behind the router's, which the network sets"))
        #expect(
            finding.remedy?.contains("the portal's machine") == true && finding.remedy?.contains("ntp client") == false)
    }

    @Test func `a router whose clock nothing sets is off itself, which keeps nobody out`() {
        let finding = GatewayClock(ahead: -400_000, isSynchronized: false).finding
        #expect(finding.summary.hasPrefix("The router's clock is 4 days behind the portal's"))
        #expect(finding.severity == .warning && finding.remedy?.contains("ntp client") == true)
    }

    @Test func `a right clock that nothing keeps right is worth advice`() {
        #expect(GatewayClock(ahead: 0, isSynchronized: false).finding.severity == .advice)
        #expect(GatewayClock(ahead: 0, isSynchronized: nil).finding.severity == .ok)
        for ahead in [1e308, -1e308, 9.3e18, -9.3e18, .infinity] {
            #expect(GatewayClock(ahead: ahead, isSynchronized: true).finding.severity == .problem)
        }
        #expect(GatewayClock(ahead: .nan, isSynchronized: true).finding.evidence == ["+0 s"])
    }

    private func networks(
        _ networks: [(String, String?)], claims: [String] = ["10.5.0.0/16"],
        neighbours: [String] = [], origin: String = "https://portal.example.org"
    ) throws -> [Finding] {
        let all = [(Self.site, claims), (UUID(), neighbours)].flatMap { site, subnets in
            subnets.compactMap { Subnet($0) }.map { SubnetClaim(siteID: site, subnet: $0, instanceID: UUID()) }
        }
        let guests = networks.compactMap { network, option in
            Subnet(network).map { GuestNetwork(subnet: $0, captivePortal: option) }
        }
        let known = SiteNetworks(all, at: Self.site)
        return NetworkCheck(networks: known, door: try door(origin)).findings(guests)
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
        ] as [(String, String?, Finding.Severity)]) func `option 114 is judged against the portal's address`(
            origin: String, told: String?, severity: Finding.Severity
        ) throws
    {
        let findings = try networks([("10.5.0.0/16", told)], origin: origin)
        #expect(findings.first { $0.check == .routerOption114 }?.severity == severity)
    }

    @Test func `an API without its site will not do where another site has the network too`() throws {
        for (option, severity) in [(Self.option, Finding.Severity.problem), (Self.ownOption, .ok)] {
            let findings = try networks([("10.5.0.0/16", option)], neighbours: ["10.5.7.0/24"])
            #expect(findings.first { $0.check == .routerOption114 }?.severity == severity)
        }
    }

    @Test(arguments: [
        (true, "10.5.0.0/24", Finding.Severity.problem), (true, "10.6.0.0/16", .ok), (false, "10.5.0.0/24", .ok),
    ])
    func `where the portal intercepts, each site needs networks of its own`(
        intercepts: Bool, neighbour: String, severity: Finding.Severity
    ) throws {
        let subnet = try #require(Subnet("10.5.0.0/16"))
        let instance = Instance(
            id: UUID(), workspace: .default, name: "Lobby", strategy: .coupon, sessionTTL: 60,
            sites: [.init(siteID: Self.site, subnets: [subnet])], createdAt: now)
        let claims = [
            SubnetClaim(siteID: Self.site, subnet: subnet, instanceID: instance.id),
            SubnetClaim(siteID: UUID(), subnet: try #require(Subnet(neighbour)), instanceID: UUID()),
        ]
        let judgement = InstanceCheck(
            instances: [instance], networks: SiteNetworks(claims, at: Self.site), portalIntercepts: intercepts)
        #expect(judgement.finding.severity == severity)
    }

    @Test func `networks and claims that agree are well, whatever else the router serves`() throws {
        let findings = try networks([("10.5.1.0/24", Self.option), ("192.168.88.0/24", nil)])
        #expect(findings.map(\.severity) == [.ok, .ok])
    }

    @Test func `a network that is only partly claimed is a warning`() throws {
        let findings = try networks([("10.5.0.0/15", Self.option)])
        #expect(findings.map(\.check) == [.routerNetworks, .routerOption114])
        #expect(findings.first?.severity == .warning)
    }

    @Test func `a claim where the router gives no addresses is worth advice`() throws {
        let findings = try networks([("10.5.0.0/16", Self.option)], claims: ["10.5.0.0/16", "10.6.0.0/16"])
        #expect(findings.first?.severity == .advice && findings.first?.subject == "10.6.0.0/16")
    }

    @Test func `an open probe host is a problem for those who ask it, named with its pattern`() {
        let findings = ProbeHostCheck().findings(
            OpenPlaces(hosts: [OpenHost("*.apple.com"), OpenHost("www.example.org")]))
        #expect(findings.map(\.device) == [.ios, .macos])
        #expect(findings.allSatisfy { $0.severity == .problem })
        #expect(findings.first?.evidence.contains("captive.apple.com (by *.apple.com)") == true)
    }

    @Test func `a probe host that is open during sign-ins only is a warning`() {
        let findings = ProbeHostCheck().findings(
            OpenPlaces(hosts: [OpenHost("detectportal.firefox.com", onlyWhileSigningIn: true)]))
        #expect(findings.map(\.severity) == [.warning] && findings.map(\.device) == [.firefox])
    }

    @Test func `hosts of consoles and regular expressions are worth advice, beside what is well`() {
        let findings = ProbeHostCheck().findings(
            OpenPlaces(hosts: [OpenHost("ctest.cdn.nintendo.net"), OpenHost(":^.*apple")]))
        #expect(findings.map(\.severity) == [.ok, .advice, .advice])
    }

    @Test func `names are found on the router, elsewhere, or not at all`() throws {
        let known = GuestNames(fixed: ["portal.example.org": ["10.0.0.2"]], asksOthers: false)
        #expect(known.finding(door: try door()).evidence == ["10.0.0.2"])
        let asking = GuestNames(fixed: [:], asksOthers: true)
        #expect(asking.finding(door: try door()).severity == .ok)
        let deaf = GuestNames(fixed: ["other.example.org": ["10.0.0.2"]], asksOthers: false)
        #expect(deaf.finding(door: try door()).severity == .problem)
        #expect(deaf.finding(door: try door("http://10.0.0.1")).severity == .ok)
    }

    @Test func `a walled garden is compared with the books`() throws {
        let portal = try #require(WalledGardenRule(origin: "https://portal.example.org"))
        let garden = WalledGardenCheck(
            wanted: WalledGarden(portal: portal, providers: [(.github, hosts: ["github.com"])], entries: []))
        #expect(garden.finding(garden.wanted.rules).severity == .ok)
        let missing = garden.finding([portal])
        #expect(missing.severity == .warning && missing.evidence == ["github.com, for github"])
        let surplus = garden.finding(garden.wanted.rules + [WalledGardenRule(.host("old.example.org"))])
        #expect(surplus.severity == .advice && surplus.evidence == ["old.example.org"])
    }

    // MARK: The portal's address

    @Test func `the portal's own address is asked at its listener, or past whatever stands before it`() throws {
        let place = { (origin: String, isBehindProxy: Bool) in
            PortalEndpoints(
                origin: origin, plain: "127.0.0.1:80", secure: "127.0.0.1:443", wantsProxyHeader: isBehindProxy)?.place
        }
        #expect(place("https://portal.example.org", false) == "127.0.0.1:443")
        #expect(place("http://portal.example.org", false) == "127.0.0.1:80")
        #expect(place("https://portal.example.org", true) == nil)
        #expect(PortalEndpoints(origin: "ftp://portal.example.org", plain: nil) == nil)
    }

    @Test(arguments: [
        ("https://portal.example.org", Finding.Severity.ok), ("https://192.0.2.1", .warning),
        ("http://a.example", .warning),
        ("https://[2001:db8::1]:8443", .warning),
    ]) func `the portal's address is judged by itself`(origin: String, severity: Finding.Severity) throws {
        #expect(try door(origin).addressFinding.severity == severity)
    }

    @Test(arguments: [
        ("https://portal.example.org", AuthIntegration.Provider.azure, Finding.Severity.ok),
        ("https://192.0.2.1", .github, .ok), ("https://192.0.2.1", .google, .problem),
        ("http://a.example", .azure, .problem),
        ("http://a.example", .github, .warning), ("http://127.0.0.1:8080", .google, .advice),
    ]) func `the way back is one that the provider takes`(
        origin: String, provider: AuthIntegration.Provider, severity: Finding.Severity
    ) throws {
        let integration = AuthIntegration(
            id: UUID(), workspace: .default, name: "Staff", provider: provider, clientID: "c",
            clientSecret: Secret("s"),
            tenant: nil, createdAt: now)
        let directory = SignInDirectory(
            diagnose: { _ in [] }, redirectURI: { "\(origin)/oauth/\($0)" }, testPath: \.text)
        #expect(RedirectURICheck(door: try door(origin), integration, directory).finding.severity == severity)
    }

    @Test func `a site is examined once at a time, and few sites at once`() throws {
        let turns = ConcurrencyLimit(most: 2)
        let sites = (0..<3).map { _ in UUID() }
        try turns.take(sites[0])
        #expect(throws: SiteExaminationBusy.self) { try turns.take(sites[0]) }
        try turns.take(sites[1])
        #expect(throws: SiteExaminationBusy.self) { try turns.take(sites[2]) }
        turns.give(sites[0])
        try turns.take(sites[2])
    }

    @Test func `work that takes too long is given up`() async {
        let late = await within(.milliseconds(10), late: "late") {
            try? await Task.sleep(for: .seconds(3_600))
            return "done"
        }
        #expect(late == "late")
        #expect(await within(.seconds(3_600), late: "late") { "done" } == "done")
    }
}
