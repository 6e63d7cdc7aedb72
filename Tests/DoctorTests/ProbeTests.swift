import Captive
import HTTPClient
import HTTPServer
import NetworkAddress
import Testing

@testable import Doctor

/// The devices' probes, sent to a listener.
@Suite struct ProbeTests {
    private static let anywhere = SocketAddress(ip: .loopback, port: 0)

    private func findings(portalIntercepts: Bool = false, _ change: (inout FakePortal.Answers) -> Void = { _ in })
        async throws -> (findings: [Finding], portal: FakePortal)
    {
        let portal = FakePortal(origin: "https://portal.invalid", change)
        let address = try portal.start(at: Self.anywhere)
        let endpoints = try #require(PortalEndpoints(origin: portal.origin, plain: "\(address)"))
        let found = await ProbeChecks(endpoints: endpoints, http: HTTPClient(), portalIntercepts: portalIntercepts)
            .run()
        await portal.stop()
        return (found, portal)
    }

    @Test func `a portal that redirects every device is ok`() async throws {
        let (findings, portal) = try await findings()
        #expect(findings.map(\.device) == GuestDevice.allCases)
        #expect(findings.allSatisfy { $0.severity == .ok })
        let hosts = Set(portal.requests.compactMap { $0.split(separator: " ").first.map(String.init) })
        #expect(
            hosts.isSuperset(of: ["captive.apple.com", "connectivitycheck.gstatic.com", "www.msftconnecttest.com"]))
        #expect(hosts.isSubset(of: ProbeHosts.all))
    }

    @Test func `the response of an open network is a problem for the device that expects it`() async throws {
        let (findings, _) = try await findings { $0.probe = { _ in .html("<TITLE>Success</TITLE>Success") } }
        let apple = try #require(findings.first { $0.device == .ios })
        #expect(apple.severity == .problem && apple.summary.contains("open network"))
        #expect(findings.allSatisfy { $0.severity == .problem }, "only a redirect makes every device open the page")
    }

    @Test(arguments: [Status.noContent, 511, .notFound, .internalServerError])
    func `any response but a redirect is a problem`(status: Status) async throws {
        let (findings, _) = try await findings { $0.probe = { _ in .text(status, "something") } }
        #expect(findings.count == GuestDevice.allCases.count && findings.allSatisfy { $0.severity == .problem })
    }

    @Test func `a redirect to another address is a problem`() async throws {
        let (findings, _) = try await findings {
            $0.probe = { _ in .redirect(.found, to: "https://portal.invalid.example/") }
        }
        #expect(findings.allSatisfy { $0.severity == .problem && $0.summary.contains("not the portal's") })
    }

    @Test func `a redirect without a body is a problem on Android`() async throws {
        let (findings, _) = try await findings {
            $0.probe = { Response(.found, headers: ["Location": $0.origin + "/"], body: .empty) }
        }
        #expect(findings.allSatisfy { $0.severity == .problem && $0.summary.contains("Android") })
    }

    @Test func `an unreachable portal is one problem, not one per device`() async throws {
        let portal = FakePortal(origin: "https://portal.invalid")
        let address = try portal.start(at: Self.anywhere)
        await portal.stop()
        let endpoints = try #require(PortalEndpoints(origin: portal.origin, plain: "\(address)"))
        let found = await ProbeChecks(endpoints: endpoints, http: HTTPClient(), portalIntercepts: false).run()
        #expect(found.map(\.severity) == [.problem])
        #expect(found.first?.device == nil && found.first?.summary.contains("\(address)") == true)
    }

    @Test(arguments: [(true, Finding.Severity.problem), (false, .advice)])
    func `a portal without a plain listener needs a router that redirects`(
        intercepts: Bool, severity: Finding.Severity
    ) async throws {
        let endpoints = try #require(PortalEndpoints(origin: "https://portal.invalid", plain: nil))
        let found = await ProbeChecks(endpoints: endpoints, http: HTTPClient(), portalIntercepts: intercepts).run()
        #expect(found.map(\.severity) == [severity])
    }

    @Test func `listeners that require a PROXY header are advice`() async throws {
        let endpoints = try #require(
            PortalEndpoints(origin: "https://a.invalid", plain: "127.0.0.1:1", wantsProxyHeader: true))
        let found = await ProbeChecks(endpoints: endpoints, http: HTTPClient(), portalIntercepts: false).run()
        #expect(found.map(\.severity) == [.advice])
    }

    @Test func `a response after more than a second is a warning`() throws {
        let endpoints = try #require(PortalEndpoints(origin: "https://portal.invalid", plain: nil))
        let answer = HTTPResponse(
            status: 302, headers: [("Location", "https://portal.invalid/")], body: Array("Found here".utf8))
        let probe = try #require(DeviceProbe.all.first)
        #expect(probe.evaluate(answer, seconds: 0.2, endpoints: endpoints).severity == .ok)
        #expect(probe.evaluate(answer, seconds: 1.5, endpoints: endpoints).severity == .warning)
    }
}
