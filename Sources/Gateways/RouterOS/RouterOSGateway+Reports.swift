package import Captive
package import NetworkAddress

/// Reads from the router: sessions, devices and health.
extension RouterOSGateway {
    /// Active sessions, and hotspot users without one: when a session's time is over, only its user remains.
    package func list() async throws(GatewayError) -> [GatewayEntry] {
        try await mappingErrors { () async throws(RouterOSFault) in
            let deadline = Deadline()
            let online = try await router.rows("ip/hotspot/active", fields: Self.activeFields, before: deadline)
                .compactMap(Self.entry)
            let known = Set(online.map(\.mac))
            let users = try await router.rows(
                "ip/hotspot/user", where: ["comment": Self.guestMark], fields: ["name"], atMost: .list, before: deadline
            )
            return online
                + users.compactMap { $0["name"].flatMap(Self.device(of:)) }.filter { !known.contains($0) }
                .map { GatewayEntry(mac: $0, isOnline: false) }
        }
    }

    private static let activeFields = [
        "user", "mac-address", "address", "session-time-left", "bytes-in", "bytes-out", "limit-bytes-total",
    ]

    /// Returns nil for a session that the portal did not create.
    static func entry(_ row: RouterOSRow) -> GatewayEntry? {
        guard row["user"]?.hasPrefix(userPrefix) == true, let mac = row["mac-address"].flatMap({ MACAddress($0) }),
            let ip = row["address"].flatMap({ IPAddress($0) })
        else { return nil }
        return GatewayEntry(
            mac: mac, ip: ip, secondsLeft: row["session-time-left"].flatMap(RouterOSDuration.seconds(in:)),
            bytesLeft: bytesLeft(row))
    }

    /// Returns nil for a session without a limit and for unreadable counters.
    private static func bytesLeft(_ row: RouterOSRow) -> Int? {
        let number = { (field: String, missing: String) in Int(row[field] ?? missing, in: 0...mostBytes) }
        guard let limit = number("limit-bytes-total", ""), let received = number("bytes-in", "0"),
            let sent = number("bytes-out", "0")
        else { return nil }
        return max(0, limit - received - sent)
    }

    /// 1 EiB: an upper bound for counters.
    private static let mostBytes = 1 << 60

    package func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        guard address.bitWidth == 32 else { return nil }
        return try await lookUps.device(at: address)
    }

    /// The hotspot's host table comes first. A device that is not in it may have a DHCP lease or an ARP entry.
    static func devices(
        at addresses: [IPAddress], _ router: any RouterOSClient
    ) async throws(GatewayError) -> [IPAddress: MACAddress] {
        let sources = [
            ("ip/hotspot/host", "address", "mac-address"),
            ("ip/dhcp-server/lease", "active-address", "active-mac-address"),
            ("ip/arp", "address", "mac-address"),
        ]
        let deadline = Deadline(in: lookUpTime)
        var found: [IPAddress: MACAddress] = [:]
        for (menu, key, field) in sources {
            let missing = addresses.filter { found[$0] == nil }.map { "\(key)=\($0)" }
            if missing.isEmpty { break }
            let rows: [RouterOSRow]
            do { rows = try await router.rows(menu, any: missing, fields: [key, field], before: deadline) } catch {
                throw error.error
            }
            for row in rows {
                guard let address = row[key].flatMap({ IPAddress($0) }),
                    let mac = row[field].flatMap({ MACAddress($0) })
                else { continue }
                found[address] = found[address] ?? mac
            }
        }
        return found
    }

    private static let lookUpTime: Duration = .seconds(5)

    package func health() async -> GatewayHealth {
        var health = GatewayHealth()
        do throws(RouterOSFault) { try await examine(&health, before: Deadline()) } catch {
            health.problem = error.error
        }
        return health
    }

    private func examine(_ health: inout GatewayHealth, before deadline: Deadline) async throws(RouterOSFault) {
        let resource = try await router.single(
            "system/resource", fields: ["version", "uptime"], before: deadline)
        health.version = resource["version"]
        health.uptime = resource["uptime"].flatMap(RouterOSDuration.seconds(in:))
        // Shortly after its start, a router returns empty rows.
        guard health.version != nil, health.uptime != nil else { throw .definite(.busy("it is starting")) }
        health.name = try await router.single("system/identity", fields: ["name"], before: deadline)["name"]
        try await checkHotspot(before: deadline)
    }

    /// Hotspot servers that are enabled and valid. A server is invalid while its interface does not exist.
    func runningHotspots(before deadline: Deadline) async throws(RouterOSFault) -> [RouterOSRow] {
        try await router.rows("ip/hotspot", fields: ["name", "profile", "disabled", "invalid"], before: deadline)
            .filter { !$0.has("disabled") && !$0.has("invalid") }
    }

    private func checkHotspot(before deadline: Deadline) async throws(RouterOSFault) {
        guard try await !runningHotspots(before: deadline).isEmpty else {
            throw .definite(.misconfigured("it has no enabled hotspot server; run the portal's router script"))
        }
        let profiles = try await router.rows(
            "ip/hotspot/user/profile", where: ["name": Self.profile], fields: ["name"], before: deadline)
        guard !profiles.isEmpty else { throw .definite(.misconfigured(RouterOSFault.missingProfile)) }
    }
}
