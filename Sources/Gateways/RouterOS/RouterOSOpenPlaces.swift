internal import Captive
internal import NetworkAddress

/// What the router's walled gardens open to guests, and the names that it opens to those who sign in.
extension RouterOSGateway {
    func readOpenPlaces(before deadline: Deadline) async throws(RouterOSFault) -> OpenPlaces {
        var places = OpenPlaces()
        for menu in ["ip/hotspot/walled-garden/ip", "ip/hotspot/walled-garden"] {
            GardenReading(try await router.rows(menu, fields: GardenReading.fields, before: deadline)).add(to: &places)
        }
        let names = try await router.rows(
            "ip/dns/static", fields: ["name", "match-subdomain", "address-list", "disabled"], before: deadline)
        places.hosts += names.filter { !$0.has("disabled") && $0["address-list"] == Self.signInList }
            .flatMap(Self.signInHosts)
        return places
    }

    /// The list of providers' addresses, which the script's rule opens to guests with a window.
    private static let signInList = "portal-oauth"

    private static func signInHosts(_ row: RouterOSRow) -> [OpenHost] {
        guard let name = row["name"] else { return [] }
        let below = row.has("match-subdomain") ? [OpenHost("*." + name, onlyWhileSigningIn: true)] : []
        return [OpenHost(name, onlyWhileSigningIn: true)] + below
    }
}

/// One of the hotspot's two walled gardens: a list of which the first entry that fits a request decides
/// (manual, "Walled Garden").
private struct GardenReading {
    static let fields = [
        "action", "disabled", "invalid", "dst-host", "dst-address", "dst-address-list", "dst-port", "protocol", "path",
        "method", "server", "src-address", "src-address-list",
    ]

    private let rows: [RouterOSRow]

    /// `rows`: in the router's order.
    init(_ rows: [RouterOSRow]) {
        self.rows = rows.filter { !$0.has("disabled") && !$0.has("invalid") }
            .map { $0.filter { !$0.value.isEmpty } }.filter(Self.concernsWeb)
    }

    func add(to places: inout OpenPlaces) {
        var closed: [String] = []
        for row in rows {
            switch (row["action"] ?? "allow", row["dst-host"]) {
            case ("accept", let host?), ("allow", let host?): places.hosts.append(OpenHost(host, closed: closed))
            case ("accept", nil), ("allow", nil): open(row, closed, &places)
            case (_, let host?): if Self.concernsAll(row) { closed.append(host) }
            case (_, nil): if Self.concernsAll(row), Self.isForAnywhere(row) { return }
            }
        }
    }

    /// An entry without a name is for addresses or, if it has none, for all the world.
    private func open(_ row: RouterOSRow, _ closed: [String], _ places: inout OpenPlaces) {
        if let block = row["dst-address"].flatMap({ Subnet($0) }) {
            places.blocks.append(block)
        } else if Self.isForAnywhere(row), Self.concernsAll(row) {
            places.hosts.append(OpenHost("*", closed: closed))
        }
    }

    private static func isForAnywhere(_ row: RouterOSRow) -> Bool {
        row["dst-address"] == nil && row["dst-address-list"] == nil
    }

    /// Not for some devices or one hotspot alone.
    private static func concernsAll(_ row: RouterOSRow) -> Bool {
        row["src-address"] == nil && row["src-address-list"] == nil && row["server"].map { $0 == "all" } != false
    }

    /// Probes go to ports 80 and 443, by GET, to paths of their own.
    private static func concernsWeb(_ row: RouterOSRow) -> Bool {
        let fits = row["dst-port"].map { RouterOSGateway.words($0).contains(where: holdsWeb) } != false
        return fits && row["path"] == nil && row["protocol"].map { ["tcp", "6"].contains($0) } != false
            && row["method"].map { $0 == "GET" } != false
    }

    /// `ports`: a port, or the first and the last of a range.
    private static func holdsWeb(_ ports: String) -> Bool {
        let ends = ports.split(separator: "-").compactMap { Int($0, in: 0...65_535) }
        guard let first = ends.first, let last = ends.last, first <= last else { return false }
        return (first...last).contains(80) || (first...last).contains(443)
    }
}
