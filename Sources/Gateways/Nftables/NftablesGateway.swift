package import Captive
internal import Foundation
package import NetworkAddress

/// The portal's Linux machine as the router of one site, with a separate table in the kernel's packet filter. Devices
/// are identified by their MAC address, which covers all of their IPv4 and IPv6 addresses. The kernel ends sessions by
/// timeout, and the rules remain when the portal stops.
package struct NftablesGateway: RemovableGateway {
    let table: NftTable
    let context: GatewayContext
    let siteID: UUID
    private let devices = NeighbourTable()
    private let names: WalledGardenNames

    /// Throws `.misconfigured` if this machine lacks the program nft.
    init(siteID: UUID, context: GatewayContext) throws(GatewayError) {
        guard let nft = ChildProgram(oneOf: NftTable.programs) else { throw .misconfigured(NftFault.missing) }
        table = NftTable(NftRuleset(siteID: siteID), nft: nft)
        names = WalledGardenNames(table: table)
        self.context = context
        self.siteID = siteID
    }

    package func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        try devices.check(client)
        try await change(table.ruleset.put(client.mac, in: .guests, for: ttl))
    }

    package func revoke(_ client: GatewayClient) async throws(GatewayError) {
        let addresses = try devices.neighbours().filter { $0.mac == client.mac }.map(\.ip)
        let stop = table.ruleset.stopReplies(to: Array(Set(addresses + [client.ip])))
        try await change(table.ruleset.take(client.mac, from: .guests) + stop)
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
        names.setHosts(Set(rules.compactMap(\.destination.name)))
    }

    package func walledGarden() async throws(GatewayError) -> [WalledGardenRule] {
        let rules = try await current().garden
        // The rules may have been written before this process started.
        names.setHosts(Set(rules.compactMap(\.destination.name)))
        return rules
    }

    /// Restores missing or changed rules before it returns.
    package func list() async throws(GatewayError) -> [GatewayEntry] {
        try await current().guests.map { GatewayEntry(mac: $0.key, secondsLeft: $0.value) }
    }

    func tearDown() async { await table.tryChange(table.ruleset.removal) }

    package func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        try devices.device(at: address)
    }

    /// The uptime is nil, because the rules can be flushed at any time.
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

    /// Creates the table again if it was removed.
    private func change(_ text: String) async throws(GatewayError) {
        do throws(NftFault) {
            try await table.change(text)
        } catch .absent {
            _ = try await current()
            try await mappingErrors { () async throws(NftFault) in try await table.change(text) }
        } catch {
            throw error.gatewayError
        }
    }

    /// Restores the rules if necessary, and returns the content of the table.
    private func current() async throws(GatewayError) -> NftListing {
        let network = try await network()
        return try await mappingErrors { () async throws(NftFault) in
            if let listing = try await table.listing(), table.ruleset.isWhole(listing, for: network) { return listing }
            try await table.change(table.ruleset.base(for: network))
            guard let listing = try await table.listing() else {
                throw NftFault.error(.busy("another program removes the portal's rules from the kernel"))
            }
            return listing
        }
    }

    private func mappingErrors<T>(_ work: () async throws(NftFault) -> T) async throws(GatewayError) -> T {
        do throws(NftFault) { return try await work() } catch { throw error.gatewayError }
    }
}

/// The machine's network setup.
extension NftablesGateway {
    private func network() async throws(GatewayError) -> NftNetwork {
        let subnets: [Subnet]
        do { subnets = try await context.guestSubnets(siteID) } catch {
            throw .busy("the site's subnets cannot be read")
        }
        guard !subnets.isEmpty else {
            throw .misconfigured("no instance is active in a subnet of this site, so no device is intercepted")
        }
        guard let listener = context.listener else {
            throw .misconfigured("http.listen is off; guests' first requests are plain HTTP and need a listener")
        }
        guard !listener.ip.isLoopback else {
            throw .misconfigured("http.listen is \(listener.ip), where guests cannot reach it; use 0.0.0.0")
        }
        let interfaces = LocalInterfaces.now().names(in: subnets)
        guard !interfaces.isEmpty else {
            let list = subnets.map(\.description).joined(separator: ", ")
            throw .misconfigured(
                "no interface of this machine, apart from its uplink, has an address in \(list)")
        }
        return NftNetwork(interfaces: interfaces, subnets: subnets, listener: listener)
    }

    private static func checkForwarding() throws(GatewayError) {
        let setting = try? String(contentsOfFile: "/proc/sys/net/ipv4/ip_forward", encoding: .utf8)
        guard setting?.hasPrefix("0") != true else {
            throw .misconfigured("IP forwarding is off on this machine; set net.ipv4.ip_forward=1 (sysctl)")
        }
    }
}
