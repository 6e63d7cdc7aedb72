package import Captive
internal import Foundation
package import NetworkAddress

/// The Linux machine that the portal runs on, guarding the guests of one site by a table of its own in the kernel's
/// packet filter. Devices go by their MAC address on the guests' interfaces, which covers every address that one has,
/// IPv4 and IPv6; the kernel itself ends a stay, and the rules outlive the portal.
package struct NftablesGateway: RetiringGateway {
    let table: NftTable
    let surroundings: GatewaySurroundings
    let siteID: UUID
    private let devices = NeighbourTable()
    private let names: GardenNames

    /// Throws `.misconfigured` if this machine lacks the program nft.
    init(siteID: UUID, surroundings: GatewaySurroundings) throws(GatewayError) {
        guard let nft = ChildProgram(oneOf: NftTable.programs) else { throw .misconfigured(NftFault.missing) }
        table = NftTable(NftRuleset(siteID: siteID), nft: nft)
        names = GardenNames(table: table)
        self.surroundings = surroundings
        self.siteID = siteID
    }

    package func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try devices.check(client)
        try await change(table.ruleset.put(client.mac, in: .guests, for: ttl))
    }

    package func revoke(_ client: GatewayClient) async throws(GatewayError) {
        let addresses = try devices.neighbours().filter { $0.mac == client.mac }.map(\.ip)
        let silence = table.ruleset.silence(Array(Set(addresses + [client.ip])))
        try await change(table.ruleset.take(client.mac, from: .guests) + silence)
    }

    package func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try devices.check(client)
        try await change(table.ruleset.put(client.mac, in: .windows, for: ttl))
    }

    package func closeWindow(_ client: GatewayClient) async throws(GatewayError) {
        try await change(table.ruleset.take(client.mac, from: .windows))
    }

    package func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {
        let present = try await current().sets
        try await change(table.ruleset.garden(rules, present: present))
        names.keep(Set(rules.compactMap(\.destination.name)))
    }

    package func walledGarden() async throws(GatewayError) -> [WalledGardenRule] {
        let rules = try await current().garden
        // The rules may be older than this process.
        names.keep(Set(rules.compactMap(\.destination.name)))
        return rules
    }

    /// Puts back rules that are gone or were changed, before it answers.
    package func list() async throws(GatewayError) -> [GatewayEntry] {
        try await current().guests.map { GatewayEntry(mac: $0.key, secondsLeft: $0.value) }
    }

    func retire() async { await table.note(table.ruleset.end) }

    package func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        try devices.device(at: address)
    }

    /// Its uptime is nil: rules can be flushed at any time.
    package func health() async -> GatewayHealth {
        var health = GatewayHealth(name: ProcessInfo.processInfo.hostName)
        do throws(GatewayError) {
            health.version = try await current().version.map { "nftables \($0)" }
            try Self.checkForwarding()
        } catch {
            health.problem = error
        }
        return health
    }

    /// A table that somebody has removed is made anew.
    private func change(_ text: String) async throws(GatewayError) {
        do throws(NftFault) {
            try await table.change(text)
        } catch .absent {
            _ = try await current()
            try await explaining { () async throws(NftFault) in try await table.change(text) }
        } catch {
            throw error.gatewayError
        }
    }

    /// What the kernel holds, the rules being as they should be.
    private func current() async throws(GatewayError) -> NftListing {
        let network = try await network()
        return try await explaining { () async throws(NftFault) in
            if let listing = try await table.listing(), table.ruleset.isWhole(listing, for: network) { return listing }
            try await table.change(table.ruleset.base(for: network))
            guard let listing = try await table.listing() else {
                throw NftFault.error(.busy("somebody else removes the portal's rules from the kernel"))
            }
            return listing
        }
    }

    private func explaining<T>(_ work: () async throws(NftFault) -> T) async throws(GatewayError) -> T {
        do throws(NftFault) { return try await work() } catch { throw error.gatewayError }
    }
}

/// What has to be set up on the machine.
extension NftablesGateway {
    private func network() async throws(GatewayError) -> NftNetwork {
        let subnets: [Subnet]
        do { subnets = try await surroundings.guestSubnets(siteID) } catch {
            throw .busy("the site's subnets cannot be read")
        }
        guard !subnets.isEmpty else {
            throw .misconfigured("no instance is active in a subnet of this site, so nobody is captured")
        }
        guard let listener = surroundings.listener else {
            throw .misconfigured("http.listen is off; guests' first requests are plain HTTP and need a listener")
        }
        guard !listener.ip.isLoopback else {
            throw .misconfigured("http.listen is \(listener.ip), where guests cannot reach it; use 0.0.0.0")
        }
        let interfaces = LocalInterfaces.now().names(in: subnets)
        guard !interfaces.isEmpty else {
            let list = subnets.map(\.description).joined(separator: ", ")
            throw .misconfigured(
                "no interface of this machine, other than its way to the internet, has an address in \(list)")
        }
        return NftNetwork(interfaces: interfaces, subnets: subnets, listener: listener)
    }

    private static func checkForwarding() throws(GatewayError) {
        let setting = try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_forward", encoding: .utf8)
        guard setting?.hasPrefix("0") != true else {
            throw .misconfigured("this machine forwards no packets; set net.ipv4.ip_forward=1 (sysctl)")
        }
    }
}
