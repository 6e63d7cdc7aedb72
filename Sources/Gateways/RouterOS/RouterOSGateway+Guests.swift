package import Captive
internal import NetworkAddress

/// Letting a device through and cutting it off.
extension RouterOSGateway {
    /// The steps are safe to repeat after a failure at any of them. A log-in that runs ends when all that can be
    /// prepared for the next is done, and what may fail then is tried twice: the device is off for as short as can be.
    func letThrough(_ client: GatewayClient, for ttl: Int, before deadline: Deadline) async throws(RouterOSFault) {
        try await checkHost(client, hosts)
        let user = Self.userName(of: client.mac)
        let before = try await activeRows(of: client.mac)
        if before.contains(where: { isIn($0, client) && isFresh($0, ttl) }) { return }
        let password = Self.randomPassword()
        let values = [
            "name": user, "password": password, "mac-address": client.mac.description, "profile": Self.profile,
            "limit-uptime": "\(ttl)s", "comment": Self.guestMark,
        ]
        let id = try await writeUser(values, before: deadline)
        for row in before.compactMap({ $0[".id"] }) {
            try await router.remove("ip/hotspot/active", id: row, before: deadline)
        }
        do throws(RouterOSFault) {
            try await begin(client, user: user, id: id, password: password, before: deadline)
        } catch {
            guard !before.isEmpty else { throw error }
            try await begin(client, user: user, id: id, password: password, before: deadline)
        }
    }

    /// `limit-uptime` counts all log-ins of a user together: for one that existed, `id`, the count starts again.
    private func begin(
        _ client: GatewayClient, user: String, id: String?, password: String, before deadline: Deadline
    ) async throws(RouterOSFault) {
        if let id { try await router.run("ip/hotspot/user/reset-counters", ["numbers": id], before: deadline) }
        try await logIn(client, user: user, password: password, before: deadline)
    }

    package func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool {
        try await explaining { () async throws(RouterOSFault) in
            try await heldSessions.rows(for: client.mac).contains {
                $0["mac-address"]?.uppercased() == client.mac.description && isIn($0, client)
            }
        }
    }

    /// True for a log-in of the portal's at the client's address.
    private func isIn(_ row: RouterOSRow, _ client: GatewayClient) -> Bool {
        row["user"] == Self.userName(of: client.mac) && row["address"] == client.ip.description
    }

    /// The pair comes from the guest's browser, and is believed only if the router holds it.
    func checkHost(
        _ client: GatewayClient, _ hosts: CoalescedReads<GatewayClient, RouterOSRow, RouterOSFault>
    ) async throws(RouterOSFault) {
        let (mac, ip) = (client.mac.description, client.ip.description)
        let rows = try await hosts.rows(for: client).filter {
            $0["mac-address"]?.uppercased() == mac || $0["address"] == ip || $0["to-address"] == ip
        }
        guard !rows.isEmpty else { throw .clear(.deviceNotSeen) }
        let holds = rows.contains {
            $0["mac-address"]?.uppercased() == mac && ($0["address"] == ip || $0["to-address"] == ip)
        }
        guard holds else { throw .clear(.deviceMismatch) }
    }

    private func activeRows(of device: MACAddress) async throws(RouterOSFault) -> [RouterOSRow] {
        try await sessions.rows(for: device).filter { $0["mac-address"]?.uppercased() == device.description }
    }

    /// True for a session that was begun for this very stay: by an order that was delivered before, its answer lost.
    private func isFresh(_ session: RouterOSRow, _ ttl: Int) -> Bool {
        guard let left = session["session-time-left"].flatMap(RouterOSDuration.seconds(in:)) else { return false }
        return (ttl - 5...ttl + 1).contains(left)
    }

    /// Returns the user's id if there was one before, which is changed.
    private func writeUser(_ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) -> String? {
        do {
            try await router.add("ip/hotspot/user", values, before: deadline)
            return nil
        } catch .duplicate {
            guard let id = try await changeUser(values, before: deadline) else {
                throw .clear(.busy("the guest's user vanished"))
            }
            return id
        } catch .unclear(let error) {
            guard let id = try await changeUser(values, before: deadline) else { throw .clear(error) }
            return id
        }
    }

    /// Nil if there is no such user.
    private func changeUser(_ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) -> String? {
        guard let id = try await userID(values["name"] ?? "", before: deadline) else { return nil }
        try await router.set("ip/hotspot/user", id: id, values, before: deadline)
        return id
    }

    private func userID(_ name: String, before deadline: Deadline) async throws(RouterOSFault) -> String? {
        try await router.rows("ip/hotspot/user", where: ["name": name], fields: [".id"], before: deadline).first?[".id"]
    }

    /// Returns once the router lists the session, whatever its answer to the login was.
    private func logIn(
        _ client: GatewayClient, user: String, password: String, before deadline: Deadline
    ) async throws(RouterOSFault) {
        var doubt = GatewayError.busy("it took the login, but does not list the guest yet")
        do {
            try await router.run(
                "ip/hotspot/active/login",
                [
                    "user": user, "password": password, "mac-address": client.mac.description,
                    "ip": client.ip.description,
                ], before: deadline)
        } catch .unclear(let error) {
            doubt = error
        }
        guard try await activeRows(of: client.mac).contains(where: { isIn($0, client) }) else { throw .clear(doubt) }
    }

    /// Removes what could let the device in again first, its user last, so that a failure in between is made
    /// good by the next try.
    func cutOff(_ device: MACAddress, before deadline: Deadline) async throws(RouterOSFault) {
        let user = Self.userName(of: device)
        let cookies = try await router.rows(
            "ip/hotspot/cookie", where: ["mac-address": device.description, "user": user], fields: [".id"],
            before: deadline)
        for id in cookies.compactMap({ $0[".id"] }) {
            try await router.remove("ip/hotspot/cookie", id: id, before: deadline)
        }
        for session in try await activeRows(of: device) where session["user"] == user {
            if let id = session[".id"] { try await router.remove("ip/hotspot/active", id: id, before: deadline) }
        }
        guard let id = try await userID(user, before: deadline) else { return }
        try await router.remove("ip/hotspot/user", id: id, before: deadline)
    }

    /// Not the MAC address itself: RouterOS lets such a user in from that device only if it is asked in another way.
    static func userName(of device: MACAddress) -> String {
        userPrefix + device.description.filter { $0 != ":" }
    }

    /// The device whose user has that name; nil for a name that is none of the portal's.
    static func device(of userName: String) -> MACAddress? {
        guard userName.hasPrefix(userPrefix) else { return nil }
        return MACAddress(String(userName.dropFirst(userPrefix.count)))
    }

    static let userPrefix = "portico-"
    static let guestMark = mark + "guest"

    /// 128 random bits. Nobody ever types it.
    private static func randomPassword() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(generator.next() as UInt64, radix: 36) }.joined()
    }
}
