import Captive
import Foundation
import GatewaySimulator
import Gateways
import NetworkAddress
import Testing

@Suite struct RouterScriptTests {
    private func script(
        url: String = "https://portal.example.com", driver: RouterSettings.Driver = .routerosREST,
        domains: [String] = ["login.example.net"], portalAddress: String? = "203.0.113.5"
    ) throws -> RouterScript {
        let site = try #require(UUID(uuidString: "5E7A2B1C-0000-4000-8000-000000000001"))
        let network = try #require(Subnet("10.5.50.0/24"))
        return try #require(
            RouterScript(
                publicURL: url, siteID: site, driver: driver, network: network, password: Secret("pa$$\"word\\"),
                portalAddress: portalAddress.flatMap { Subnet($0) }, signInDomains: domains))
    }

    /// Menu, command and argument names of every `add` and `set` in the script.
    private func commands(_ text: String) throws -> [(menu: String, command: String, arguments: [String])] {
        // Remove string literals and expressions, which may contain anything.
        let bare = text.replacing(try Regex(#""(\\.|[^"\\])*""#), with: "V")
            .replacing(try Regex(#"\[[^\]]*\]|\([^)]*\)"#), with: "V")
        return bare.matches(of: /\/((?:[a-z-]+ )*[a-z-]+) (add|set) ([^}\n]*)/).map { match in
            let names = match.output.3.matches(of: /([a-z-]+)=/).map { String($0.output.1) }
            return (String(match.output.1.replacing(" ", with: "/")), String(match.output.2), names)
        }
    }

    @Test func `every argument exists in RouterOS`() throws {
        let tree = try CommandTree.load()
        let commands = try commands(try script().text).filter { tree.hasMenu($0.menu) }
        #expect(
            Set(commands.map(\.menu)).isSuperset(of: [
                "ip/hotspot", "ip/hotspot/profile", "ip/hotspot/user/profile", "ip/hotspot/walled-garden/ip", "ip/dns",
                "ip/dns/static", "ip/dhcp-server/option", "ip/dhcp-server/network", "ip/service",
            ]))
        for (menu, command, arguments) in commands {
            let known = try #require(tree.arguments(of: command, in: menu), "\(menu) \(command)")
            #expect(Set(arguments).subtracting(known).isEmpty, "\(menu) \(command)")
        }
    }

    @Test func `every addition is conditional`() throws {
        for address in ["203.0.113.5", nil] {
            let lines = try script(portalAddress: address).text.split(separator: "\n")
            for line in lines where line.contains(" add ") && !line.hasPrefix("  ") {
                #expect(line.hasPrefix(":if ([:len "), "\(line)")
            }
        }
    }

    @Test func `braces, brackets and quotes are balanced`() throws {
        let literal = try Regex(#""(\\.|[^"\\])*""#)
        let bare = try script().text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined(separator: "\n")
            .replacing(literal, with: "")
        for (open, close) in [("{", "}"), ("[", "]"), ("(", ")")] as [(Character, Character)] {
            #expect(bare.count { $0 == open } == bare.count { $0 == close })
        }
        #expect(!bare.contains("\""))
    }

    @Test func `literals are escaped as RouterOS reads them`() throws {
        let text = try script().text
        #expect(text.contains(#"password="pa\$\$\"word\\""#))
        #expect(text.contains(#"mac=\$(mac-esc)&ip=\$(ip-esc)&link-login-only=\$(link-login-only-esc)"#))
    }

    @Test func `guests are redirected to the site's entry with all parameters`() throws {
        let text = try script().text
        #expect(text.contains("https://portal.example.com/hotspot/5e7a2b1c-0000-4000-8000-000000000001?mac="))
        for field in ["link-orig", "error", "chap-id", "chap-challenge", "identity", "server-name", "interface-name"] {
            #expect(text.contains("\(field)=\\$(\(field)-esc)"), "\(field)")
        }
    }

    @Test func `the portal is in the walled garden by name, or by address`() throws {
        #expect(try script().text.contains(#"dst-host="portal.example.com" protocol="tcp" dst-port="443""#))
        #expect(
            try script(url: "http://192.0.2.4:8080").text.contains(
                #"dst-address="192.0.2.4" protocol="tcp" dst-port="8080""#))
    }

    @Test func `each driver gets its service, its policies and its port`() throws {
        let rest = try script().text
        #expect(rest.contains("/ip service set www-ssl certificate=\"portico\" disabled=\"no\""))
        #expect(rest.contains("read,write,api,rest-api,") && rest.contains("dst-port=443 src-address"))
        let api = try script(driver: .routerosAPI).text
        #expect(api.contains("/ip service set api-ssl certificate=\"portico\" disabled=\"no\""))
        #expect(api.contains("read,write,api,!rest-api,") && api.contains("dst-port=8729 src-address"))
        #expect(!api.contains("www-ssl"))
    }

    @Test(arguments: [RouterSettings.Driver.routerosREST, .routerosAPI])
    func `guests cannot reach the portal's interface`(_ driver: RouterSettings.Driver) throws {
        let port = driver == .routerosAPI ? 8_729 : 443
        let drop = "chain=input action=drop protocol=tcp dst-port=\(port) in-interface=\"bridge-guests\""
        let open = try script(driver: driver, portalAddress: nil).text
        for menu in ["/ip", "/ipv6"] {
            #expect(open.contains("{ \(menu) firewall filter add \(drop) comment=\"portico guests\" }"))
            #expect(
                open.contains(":if ([:len [\(menu) firewall filter find where comment=\"portico guests\"]] = 0) do={"))
        }
        let bound = try script(driver: driver).text
        #expect(bound.contains("disabled=\"no\" address=\"203.0.113.5/32\"") && !bound.contains("action=drop"))
        #expect(
            bound.contains("/ip firewall filter remove [/ip firewall filter find where comment=\"portico guests\"]"))
    }

    @Test func `a portal on the guest network is not blocked`() throws {
        let text = try script(url: "https://10.5.50.7", portalAddress: nil).text
        #expect(text.contains("dst-port=443 src-address=!10.5.50.7 in-interface=\"bridge-guests\""))
    }

    @Test func `option 114 names the portal's own interface`() throws {
        #expect(
            try script().text.contains(
                #"code="114" value="'https://portal.example.com/captive-portal/api?site=5e7a2b1c-0000-4000-8000-000000000001'" force="yes""#
            ))
    }

    @Test func `a network without room for guests is refused`() throws {
        for text in ["10.0.0.0/30", "fd00::/64"] {
            let network = try #require(Subnet(text))
            #expect(
                RouterScript(publicURL: "https://p.example", siteID: UUID(), network: network, password: Secret("x"))
                    == nil)
        }
    }

    @Test func `passwords are long and differ`() {
        let passwords = (0..<10).compactMap { _ in RouterScript.makePassword().revealed }
        #expect(Set(passwords).count == 10)
        #expect(passwords.allSatisfy { $0.count == 40 })
    }
}
