internal import Captive
internal import NetworkAddress

/// The walled garden. Addresses and exact names become packet rules, which apply to every protocol. Names with a
/// wildcard become rules of the hotspot's proxy, because packet rules do not support wildcards.
extension RouterOSGateway {
    private static let gardenMark = mark + "garden"
    private static let packetMenu = "ip/hotspot/walled-garden/ip"
    private static let proxyMenu = "ip/hotspot/walled-garden"
    private static let distinctive = ["dst-address", "dst-host", "dst-port", "protocol"]

    func setGarden(_ rules: [WalledGardenRule], before deadline: Deadline) async throws(RouterOSFault) {
        // The hotspot supports IPv4 only.
        let wanted = rules.filter { $0.destination.isIPv4OrName }
        let packets = wanted.filter { !$0.needsProxy }.map(\.routerOSValues)
        let proxied = wanted.filter { $0.needsProxy }.map(\.routerOSValues)
        try await reconcile(Self.packetMenu, packets, before: deadline)
        try await reconcile(Self.proxyMenu, proxied, before: deadline)
    }

    /// The portal's rules on the router. A row that was edited or disabled by hand is not among them.
    func garden(before deadline: Deadline) async throws(RouterOSFault) -> [WalledGardenRule] {
        let rows = try await ownRows(Self.packetMenu, before: deadline) + ownRows(Self.proxyMenu, before: deadline)
        return rows.filter { !$0.has("disabled") }.compactMap { row in
            WalledGardenRule(routerOSValues: row).flatMap { $0.routerOSValues == Self.definingFields(row) ? $0 : nil }
        }
    }

    private func ownRows(_ menu: String, before deadline: Deadline) async throws(RouterOSFault) -> [RouterOSRow] {
        try await router.rows(
            menu, where: ["comment": Self.gardenMark], fields: [".id", "action", "disabled"] + Self.distinctive,
            atMost: .list, before: deadline)
    }

    /// The fields of a row that define its rule.
    private static func definingFields(_ row: RouterOSRow) -> RouterOSRow {
        row.filter { distinctive.contains($0.key) || $0.key == "action" }
    }

    /// Adds missing rows before it removes surplus ones, so that destinations in both states stay reachable.
    private func reconcile(
        _ menu: String, _ wanted: [RouterOSRow], before deadline: Deadline
    ) async throws(RouterOSFault) {
        let rows = try await ownRows(menu, before: deadline)
        var missing = Set(wanted)
        var surplus: [String] = []
        for row in rows {
            let holds = !row.has("disabled") && missing.remove(Self.definingFields(row)) != nil
            if !holds, let id = row[".id"] { surplus.append(id) }
        }
        for values in missing {
            try await router.add(menu, values.merging(["comment": Self.gardenMark]) { $1 }, before: deadline)
        }
        for id in surplus { try await router.remove(menu, id: id, before: deadline) }
    }
}

extension WalledGardenRule {
    fileprivate var needsProxy: Bool {
        if case .host(let name) = destination { name.hasPrefix("*.") } else { false }
    }

    /// Nil for a row that the portal never writes.
    fileprivate init?(routerOSValues row: RouterOSRow) {
        guard
            let destination = row["dst-host"].map(Destination.host)
                ?? row["dst-address"].flatMap(Destination.init(address:))
        else { return nil }
        self.init(destination, port: row["dst-port"].flatMap { UInt16($0, in: 1...65_535) })
    }

    /// The fields as RouterOS prints them: a single address without a prefix length.
    fileprivate var routerOSValues: RouterOSRow {
        var values = ["action": needsProxy ? "allow" : "accept"]
        switch destination {
        case .subnet(let subnet) where subnet.prefixLength == subnet.base.bitWidth:
            values["dst-address"] = subnet.base.description
        case .subnet(let subnet): values["dst-address"] = subnet.description
        case .host(let name): values["dst-host"] = name.lowercased()
        }
        if let port {
            values["dst-port"] = String(port)
            if !needsProxy { values["protocol"] = "tcp" }
        }
        return values
    }
}

extension WalledGardenRule.Destination {
    fileprivate init?(address: String) {
        guard let subnet = Subnet(address) else { return nil }
        self = .subnet(subnet)
    }

    fileprivate var isIPv4OrName: Bool {
        switch self {
        case .subnet(let subnet): subnet.base.bitWidth == 32
        case .host: true
        }
    }
}
