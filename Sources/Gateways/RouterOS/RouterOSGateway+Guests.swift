package import Captive
internal import NetworkAddress

/// Starts and ends hotspot sessions.
extension RouterOSGateway {
    /// Every step can be repeated after a failure. A previous login is removed as late as possible, and the new login
    /// is tried twice after that, so that the device is offline for as short a time as possible.
    func startSession(_ client: GatewayClient, for ttl: Int, before deadline: Deadline) async throws(RouterOSFault) {
        try await checkHost(client, hosts)
        let user = Self.userName(of: client.mac)
        let before = try await activeRows(of: client.mac)
        if before.contains(where: { isSession($0, of: client) && isFresh($0, ttl) }) { return }
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

    /// `limit-uptime` applies to the sum of a user's logins, so the counters of an existing user (`id`) are reset.
    private func begin(
        _ client: GatewayClient, user: String, id: String?, password: String, before deadline: Deadline
    ) async throws(RouterOSFault) {
        if let id { try await router.run("ip/hotspot/user/reset-counters", ["numbers": id], before: deadline) }
        try await logIn(client, user: user, password: password, before: deadline)
    }

    package func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool {
        try await mappingErrors { () async throws(RouterOSFault) in
            try await heldSessions.rows(for: client.mac).contains {
                $0["mac-address"]?.uppercased() == client.mac.description && isSession($0, of: client)
            }
        }
    }

    /// Whether the row is the portal's session of the client, at the client's address.
    private func isSession(_ row: RouterOSRow, of client: GatewayClient) -> Bool {
        row["user"] == Self.userName(of: client.mac) && row["address"] == client.ip.description
    }

    /// Checks that the router's host table has the pair of MAC and IP address, which comes from the guest's browser.
    func checkHost(
        _ client: GatewayClient, _ hosts: CoalescedReads<GatewayClient, RouterOSRow, RouterOSFault>
    ) async throws(RouterOSFault) {
        let (mac, ip) = (client.mac.description, client.ip.description)
        let rows = try await hosts.rows(for: client).filter {
            $0["mac-address"]?.uppercased() == mac || $0["address"] == ip || $0["to-address"] == ip
        }
        guard !rows.isEmpty else { throw .definite(.deviceNotSeen) }
        let holds = rows.contains {
            $0["mac-address"]?.uppercased() == mac && ($0["address"] == ip || $0["to-address"] == ip)
        }
        guard holds else { throw .definite(.deviceMismatch) }
    }

    private func activeRows(of device: MACAddress) async throws(RouterOSFault) -> [RouterOSRow] {
        try await sessions.rows(for: device).filter { $0["mac-address"]?.uppercased() == device.description }
    }

    /// Whether an earlier attempt at the same order started the session and only its response was lost.
    private func isFresh(_ session: RouterOSRow, _ ttl: Int) -> Bool {
        guard let left = session["session-time-left"].flatMap(RouterOSDuration.seconds(in:)) else { return false }
        return (ttl - 5...ttl + 1).contains(left)
    }

    /// Creates or updates the user. Returns its id if it existed before.
    private func writeUser(_ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) -> String? {
        do {
            try await router.add("ip/hotspot/user", values, before: deadline)
            return nil
        } catch .duplicate {
            guard let id = try await changeUser(values, before: deadline) else {
                throw .definite(.busy("the guest's user vanished"))
            }
            return id
        } catch .indeterminate(let error) {
            guard let id = try await changeUser(values, before: deadline) else { throw .definite(error) }
            return id
        }
    }

    /// Returns nil if there is no such user.
    private func changeUser(_ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) -> String? {
        guard let id = try await userID(values["name"] ?? "", before: deadline) else { return nil }
        try await router.set("ip/hotspot/user", id: id, values, before: deadline)
        return id
    }

    private func userID(_ name: String, before deadline: Deadline) async throws(RouterOSFault) -> String? {
        try await router.rows("ip/hotspot/user", where: ["name": name], fields: [".id"], before: deadline).first?[".id"]
    }

    /// Returns once the router lists the session. The response to the login command alone does not prove it.
    private func logIn(
        _ client: GatewayClient, user: String, password: String, before deadline: Deadline
    ) async throws(RouterOSFault) {
        var failure = GatewayError.busy("it accepted the login but does not list the session")
        do {
            try await router.run(
                "ip/hotspot/active/login",
                [
                    "user": user, "password": password, "mac-address": client.mac.description,
                    "ip": client.ip.description,
                ], before: deadline)
        } catch .indeterminate(let error) {
            failure = error
        }
        guard try await activeRows(of: client.mac).contains(where: { isSession($0, of: client) }) else {
            throw .definite(failure)
        }
    }

    /// Removes the cookies first, because they could log the device in again, and the user last, so that the next
    /// attempt can complete after a failure in between.
    func endSession(_ device: MACAddress, before deadline: Deadline) async throws(RouterOSFault) {
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

    /// Not the plain MAC address: RouterOS reserves such user names for logins by MAC address.
    static func userName(of device: MACAddress) -> String {
        userPrefix + device.description.filter { $0 != ":" }
    }

    /// The device of a user name. Returns nil for a name that the portal did not create.
    static func device(of userName: String) -> MACAddress? {
        guard userName.hasPrefix(userPrefix) else { return nil }
        return MACAddress(String(userName.dropFirst(userPrefix.count)))
    }

    static let userPrefix = "portico-"
    static let guestMark = mark + "guest"

    /// 128 random bits.
    private static func randomPassword() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in String(generator.next() as UInt64, radix: 36) }.joined()
    }
}
