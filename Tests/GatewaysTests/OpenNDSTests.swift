import Captive
import Foundation
import NetworkAddress
import Testing

@testable import Gateways

struct OpenNDSTests {
    private let site = "11111111-2222-4333-8444-555555555555"

    // Recorded from openNDS 9.10.0, shortened.
    private func status(
        fas: String = "Secure Level 1, URL: http://portal.test:8080/hotspot/11111111-2222-4333-8444-555555555555",
        preemptive: String = "Enabled", uptime: String = "1h 2m 3s", names: [String] = [],
        ports: [String] = []
    ) throws -> NdsStatus {
        let list = { (items: [String]) in items.isEmpty ? " none" : "\n" + items.map { "  \($0)\n" }.joined() }
        return try #require(
            NdsStatus(
                """
                ==================
                openNDS Status
                ====
                Version: 9.10.0
                Uptime: \(uptime)
                Gateway Name: [ Hotel Node:1e0a0f49919e  ]
                MHD Server [ version 0.9.75 ] listening on: http://10.99.0.1:2050
                Preemptive Authentication is \(preemptive)
                FAS: \(fas)
                Walled Garden FQDNs:\(list(names))
                Walled Garden Ports:\(list(ports))
                ========
                """))
    }

    private func problem(_ status: NdsStatus) throws -> String? {
        let id = try #require(UUID(uuidString: site))
        do throws(GatewayError) {
            try status.check(for: id)
            return nil
        } catch {
            #expect(error.reason == "router_misconfigured")
            return error.explanation
        }
    }

    @Test func `the status is parsed`() throws {
        let status = try status()
        #expect(status.version == "9.10.0" && status.name == "Hotel Node:1e0a0f49919e" && status.uptime == 3_723)
        #expect(try self.status(uptime: "2s").uptime == 2 && self.status(uptime: "1d 0h 0m 1s").uptime == 86_401)
        #expect(try self.status(uptime: "soon").uptime == nil)
        #expect(try problem(status) == nil)
        #expect(NdsStatus("ndsctl: opennds probably not started") == nil)
    }

    @Test func `a missing setup is reported with the option to set`() throws {
        #expect(try problem(status(fas: "Disabled"))?.contains("faspath /hotspot/\(site)") == true)
        #expect(try problem(status(fas: "Secure Level 1, URL: http://portal.test/other"))?.contains("faspath") == true)
        for level in 0...5 {
            let fas = "Secure Level \(level), URL: http://portal.test/hotspot/\(site.uppercased())"
            let problem = try problem(status(fas: fas))
            #expect((1...3).contains(level) ? problem == nil : problem?.contains("fas_secure_enabled \(level)") == true)
        }
        #expect(try problem(status(preemptive: "Disabled"))?.contains("allow_preemptive_authentication 1") == true)
    }

    @Test func `devices are parsed, single and in a list`() throws {
        let row = """
            {"gatewayname":"x","mac":"02:00:00:00:00:0a","ip":"10.99.0.143","session_start":"1795250966",
             "session_end":"1795251086","state":"Authenticated","custom":"portico"}
            """
        let found = try #require(NdsClient.all(in: Array(row.utf8))?.first)
        #expect(found.client.ip == IPAddress("10.99.0.143") && found.isMarked && found.endsAt == 1_795_251_086)
        let waiting =
            #"{"mac":"02:00:00:00:00:0b","ip":"10.99.0.2","session_end":"null","state":"Preauthenticated","custom":"none"}"#
        let list =
            #"{"client_list_length":"2","clients":{"02:00:00:00:00:0a":\#(row),"02:00:00:00:00:0b":\#(waiting)}}"#
        let all = try #require(NdsClient.all(in: Array(list.utf8)))
        #expect(all.count == 2 && all.filter(\.isMarked) == [found])
        #expect(NdsClient.all(in: Array("{}".utf8)) == [])
        #expect(NdsClient.all(in: Array(#"{"client_list_length":"0","clients":{}}"#.utf8)) == [])
        #expect(NdsClient.all(in: Array("{".utf8)) == nil)
    }

    @Test func `a device that another program authorized is not the portal's`() throws {
        let row =
            #"{"mac":"02:00:00:00:00:0a","ip":"10.0.0.1","session_end":"9","state":"Authenticated","custom":"bmE="}"#
        #expect(try #require(NdsClient.all(in: Array(row.utf8))?.first).isMarked == false)
    }

    @Test func `the walled garden is that of openNDS's settings`() throws {
        let garden = try status(names: ["login.example.test", "Partner.test"]).garden
        let opens = { (text: String) in
            garden.opens(WalledGardenRule(try #require(.init(text: text)), port: 443))
        }
        #expect(try opens("portal.test") && opens("login.example.test") && opens("*.partner.test"))
        #expect(try opens("www.partner.test"))
        #expect(try !opens("example.test") && !opens("notpartner.test") && !opens("192.0.2.0/24"))
        #expect(try status().garden.names.isEmpty)
    }

    @Test func `a walled garden on other ports is not usable for signing in`() throws {
        let rule = WalledGardenRule(.host("login.example.test"))
        let opens = { try self.status(names: ["login.example.test"], ports: $0).garden.opens(rule) }
        #expect(try opens([]) && opens(["8443", "443"]))
        #expect(try !opens(["80", "8443"]))
    }

    @Test func `missing walled garden rules are reported with the option to set`() throws {
        let rules = try ["portal.test", "login.example.test", "*.partner.test", "192.0.2.0/24"].map { text in
            WalledGardenRule(try #require(.init(text: text)), port: text == "portal.test" ? 8_080 : nil)
        }
        let problem = { (garden: NdsWalledGarden) in
            do throws(GatewayError) {
                try garden.check(rules)
                return ""
            } catch { return error.explanation }
        }
        let none = problem(try status().garden)
        #expect(none.contains("walledgarden_fqdn_list (*.partner.test login.example.test)"))
        #expect(none.contains("preauthenticated-users") && none.contains("192.0.2.0/24"))
        #expect(!none.contains("portal.test") && !none.contains("walledgarden_port_list"))
        let names = ["login.example.test", "partner.test"]
        let elsewhere = problem(try status(names: names, ports: ["8443"]).garden)
        #expect(elsewhere.contains("walledgarden_port_list (443)") && !elsewhere.contains("walledgarden_fqdn_list"))
        #expect(throws: Never.self) { try self.status(names: names).garden.check(rules.dropLast()) }
    }

    @Test func `an unexpected exit code has a remedy`() {
        let outcome = { ChildProgram.Outcome(code: $0, output: [], error: $1) }
        let fault = NdsControl.fault
        #expect(fault(outcome(3, "ndsctl: opennds probably not started")).reason == "router_unreachable")
        #expect(fault(outcome(3, "(Error: Permission denied)")).reason == "router_misconfigured")
        #expect(fault(outcome(-110, "")).reason == "router_busy")
    }
}
