internal import Captive
internal import NetworkAddress

/// Reads which hosts guests can reach without a session, and which during sign-in.
extension RouterOSGateway {
    func readReachableHosts(before deadline: Deadline) async throws(RouterOSFault) -> ReachableHosts {
        var places = ReachableHosts()
        for menu in ["ip/hotspot/walled-garden/ip", "ip/hotspot/walled-garden"] {
            let rows = try await router.rows(menu, fields: WalledGardenMenu.fields, before: deadline)
            WalledGardenMenu(rows).add(to: &places)
        }
        let names = try await router.rows(
            "ip/dns/static", fields: ["name", "match-subdomain", "address-list", "disabled"], before: deadline)
        places.hosts += names.filter { !$0.has("disabled") && $0["address-list"] == Self.signInList }
            .flatMap(Self.signInHosts)
        return places
    }

    /// The address list of identity providers, which the router script's rule opens during a sign-in window.
    private static let signInList = "portal-oauth"

    private static func signInHosts(_ row: RouterOSRow) -> [OpenHost] {
        guard let name = row["name"] else { return [] }
        let below = row.has("match-subdomain") ? [OpenHost("*." + name, onlyWhileSigningIn: true)] : []
        return [OpenHost(name, onlyWhileSigningIn: true)] + below
    }
}

/// One of the hotspot's two walled garden menus. The first entry that matches a request decides (manual, "Walled
/// Garden").
private struct WalledGardenMenu {
    static let fields = [
        "action", "disabled", "invalid", "dst-host", "dst-address", "dst-address-list", "dst-port", "protocol", "path",
        "method", "server", "src-address", "src-address-list",
    ]

    private let rows: [RouterOSRow]

    /// `rows`: in the router's order.
    init(_ rows: [RouterOSRow]) {
        self.rows = rows.filter { !$0.has("disabled") && !$0.has("invalid") }
            .map { $0.filter { !$0.value.isEmpty } }.filter(Self.appliesToProbes)
    }

    func add(to places: inout ReachableHosts) {
        var closed: [String] = []
        for row in rows {
            switch (row["action"] ?? "allow", row["dst-host"]) {
            case ("accept", let host?), ("allow", let host?): places.hosts.append(OpenHost(host, closed: closed))
            case ("accept", nil), ("allow", nil): open(row, closed, &places)
            case (_, let host?): if Self.appliesToAll(row) { closed.append(host) }
            case (_, nil): if Self.appliesToAll(row), Self.hasAnyDestination(row) { return }
            }
        }
    }

    /// An entry without a host name applies to its addresses; without addresses, it applies to every destination.
    private func open(_ row: RouterOSRow, _ closed: [String], _ places: inout ReachableHosts) {
        if let block = row["dst-address"].flatMap({ Subnet($0) }) {
            places.blocks.append(block)
        } else if Self.hasAnyDestination(row), Self.appliesToAll(row) {
            places.hosts.append(OpenHost("*", closed: closed))
        }
    }

    private static func hasAnyDestination(_ row: RouterOSRow) -> Bool {
        row["dst-address"] == nil && row["dst-address-list"] == nil
    }

    /// Whether the entry applies to all devices and all hotspots.
    private static func appliesToAll(_ row: RouterOSRow) -> Bool {
        row["src-address"] == nil && row["src-address-list"] == nil && row["server"].map { $0 == "all" } != false
    }

    /// Whether the entry applies to probes: GET requests to ports 80 and 443, with any path.
    private static func appliesToProbes(_ row: RouterOSRow) -> Bool {
        let matchesPort = row["dst-port"].map { RouterOSGateway.words($0).contains(where: includesWeb) } != false
        return matchesPort && row["path"] == nil && row["protocol"].map { ["tcp", "6"].contains($0) } != false
            && row["method"].map { $0 == "GET" } != false
    }

    /// `ports`: a port, or a range such as `80-443`.
    private static func includesWeb(_ ports: String) -> Bool {
        let ends = ports.split(separator: "-").compactMap { Int($0, in: 0...65_535) }
        guard let first = ends.first, let last = ends.last, first <= last else { return false }
        return (first...last).contains(80) || (first...last).contains(443)
    }
}
