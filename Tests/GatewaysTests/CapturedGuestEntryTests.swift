import Captive
import Foundation
import GatewaySimulator
import HTTPServer
import Testing

@Suite struct CapturedGuestEntryTests {
    private func location(_ target: String, _ entry: CapturedGuestEntry) -> String? {
        let request = Request(method: .get, target: target, headers: ["Host": "127.0.0.1:9"])
        return entry.respondImmediately(to: request)?.headers["Location"]
    }

    @Test func `a browser joins the guest network and is sent to the portal`() throws {
        let fixture = try RouterFixture()
        let site = UUID()
        let entry = CapturedGuestEntry(router: fixture.router, portal: "http://127.0.0.1:8080", siteID: site)
        let address = try #require(
            location("/guest?mac=aa-bb-cc-00-00-01&ip=10.5.50.9&orig=http://example.com/a?b=1%26c=2", entry))
        #expect(
            address == "http://127.0.0.1:8080/hotspot/\(site.uuidString.lowercased())?mac=AA%3ABB%3ACC%3A00%3A00%3A01"
                + "&ip=10.5.50.9&link-login-only=http%3A%2F%2F127.0.0.1%3A9%2Flogin"
                + "&link-orig=http%3A%2F%2Fexample.com%2Fa%3Fb%3D1%26c%3D2&error=&identity=lobby&server-name=portico"
                + "&interface-name=bridge-guests")
        #expect(fixture.router.rows("ip/hotspot/host").map { $0["address"] } == ["10.5.50.9"])
    }

    @Test func `one who is online goes where it wanted`() async throws {
        let fixture = try RouterFixture()
        let client = try fixture.joined()
        try await fixture.gateway.authorize(client, for: 3_600)
        let entry = CapturedGuestEntry(router: fixture.router, portal: "http://127.0.0.1:8080", siteID: UUID())
        #expect(
            location("/guest?mac=\(client.mac)&ip=\(client.ip)&orig=http://e.example/", entry) == "http://e.example/")
    }

    @Test func `one without addresses is told what is missing`() throws {
        let fixture = try RouterFixture()
        let entry = CapturedGuestEntry(router: fixture.router, portal: "http://127.0.0.1:8080", siteID: UUID())
        let request = Request(method: .get, target: "/guest?mac=x")
        #expect(entry.respondImmediately(to: request)?.status == .badRequest)
    }
}
