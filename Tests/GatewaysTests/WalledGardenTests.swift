import Captive
import GatewaySimulator
import NetworkAddress
import Testing

@Suite struct WalledGardenTests {
    private let rules: [WalledGardenRule]

    init() throws {
        rules = [
            WalledGardenRule(.host("login.example.com"), port: 443),
            WalledGardenRule(.host("*.cdn.example.com")),
            WalledGardenRule(.subnet(try #require(Subnet("203.0.113.0/24")))),
            WalledGardenRule(.subnet(try #require(Subnet("198.51.100.7")))),
        ]
    }

    @Test(arguments: RouterKind.all) func `rules arrive as packet rules, wildcards in the proxy`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        try await fixture.gateway.apply(rules)
        let packets = fixture.router.rows("ip/hotspot/walled-garden/ip")
        #expect(
            Set(packets.map { $0["dst-host"] ?? $0["dst-address"] }) == [
                "login.example.com", "203.0.113.0/24", "198.51.100.7",
            ])
        #expect(packets.first { $0["dst-host"] != nil }?["dst-port"] == "443")
        #expect(fixture.router.rows("ip/hotspot/walled-garden").map { $0["dst-host"] } == ["*.cdn.example.com"])
    }

    @Test(arguments: RouterKind.all) func `the same rules again write nothing`(_ kind: RouterKind) async throws {
        let fixture = try RouterFixture(kind)
        try await fixture.gateway.apply(rules)
        let written = fixture.router.counts["PUT ip/hotspot/walled-garden/ip"]
        try await fixture.gateway.apply(rules)
        #expect(fixture.router.counts["PUT ip/hotspot/walled-garden/ip"] == written)
        #expect(fixture.router.rows("ip/hotspot/walled-garden/ip").count == 3)
    }

    @Test(arguments: RouterKind.all) func `removed rules are deleted, and an admin's rules are kept`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        fixture.router.runCommand(
            "/ip/hotspot/walled-garden/ip/add", ["dst-host": "own.example", "comment": "staff"])
        try await fixture.gateway.apply(rules)
        try await fixture.gateway.apply([rules[0]])
        let hosts = fixture.router.rows("ip/hotspot/walled-garden/ip").map { $0["dst-host"] }
        #expect(hosts == ["own.example", "login.example.com"])
        #expect(fixture.router.rows("ip/hotspot/walled-garden").isEmpty)
    }

    @Test(arguments: RouterKind.all) func `the router's rules are read back as they were given`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        fixture.router.runCommand(
            "/ip/hotspot/walled-garden/ip/add", ["dst-host": "own.example", "comment": "staff"])
        try await fixture.gateway.apply(rules)
        #expect(Set(try await fixture.gateway.walledGarden()) == Set(rules))
    }

    @Test(arguments: RouterKind.all) func `a disabled or changed rule is not reported`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        try await fixture.gateway.apply(rules)
        let rows = fixture.router.rows("ip/hotspot/walled-garden/ip")
        let addresses = rows.filter { $0["dst-address"] != nil }.compactMap { $0[".id"] }
        let set = "/ip/hotspot/walled-garden/ip/set"
        fixture.router.runCommand(set, [".id": addresses[0], "disabled": "yes"])
        fixture.router.runCommand(set, [".id": addresses[1], "action": "drop"])
        #expect(Set(try await fixture.gateway.walledGarden()) == Set(rules[0...1]))
    }

    @Test(arguments: RouterKind.all) func `a rule that an admin disabled is restored`(_ kind: RouterKind)
        async throws
    {
        let fixture = try RouterFixture(kind)
        try await fixture.gateway.apply([rules[0]])
        let id = try #require(fixture.router.rows("ip/hotspot/walled-garden/ip").first?[".id"])
        fixture.router.runCommand("/ip/hotspot/walled-garden/ip/set", [".id": id, "disabled": "yes"])
        try await fixture.gateway.apply([rules[0]])
        #expect(fixture.router.rows("ip/hotspot/walled-garden/ip").map { $0["disabled"] } == ["false"])
    }
}
