internal import Foundation
internal import NetworkAddress

/// Guest devices: joining, logging in, expiry and leaving.
extension RouterDevice {
    private static let hosts = "ip/hotspot/host"
    private static let sessions = "ip/hotspot/active"
    private static let users = "ip/hotspot/user"

    mutating func connect(_ mac: String, _ ip: String) {
        let same = tables[Self.hosts]?.rows("mac-address", mac).contains { $0.values["address"] == ip } ?? false
        guard !same else { return }
        for row in tables[Self.hosts]?.rows("address", ip) ?? [] { tables[Self.hosts]?.remove(row.id) }
        tables[Self.hosts]?.add(
            [
                "mac-address": mac, "address": ip, "to-address": ip, "server": "portico", "idle-time": "0s",
                "idle-timeout": "5m", "host-dead-time": "0s", "found-by": "DHCP", "DHCP": "true", "bypassed": "false",
            ], since: now())
    }

    mutating func disconnect(_ mac: String) {
        for row in tables[Self.sessions]?.rows("mac-address", mac) ?? [] { endSession(row) }
        for row in tables[Self.hosts]?.rows("mac-address", mac) ?? [] { tables[Self.hosts]?.remove(row.id) }
    }

    mutating func isOnline(_ mac: String) -> Bool {
        sweep()
        return tables[Self.sessions]?.rows("mac-address", mac).isEmpty == false
    }

    mutating func onlineCount() -> Int {
        sweep()
        return tables[Self.sessions]?.count ?? 0
    }

    /// `ip/hotspot/active/login`. Checks in the same order as the router.
    mutating func logIn(_ values: [String: String]) throws(RouterRefusal) {
        let (mac, ip) = try addressPair(values)
        let user = try user(values, mac: mac)
        let name = user.values["name"] ?? ""
        guard tables[Self.sessions]?.rows("user", name).isEmpty == true else {
            throw .failure("no more sessions are allowed for user \(name)")
        }
        if let licence, tables[Self.sessions]?.count ?? 0 >= licence {
            throw .failure("session limit reached (\(licence))")
        }
        try begin(user, mac: mac, ip: ip)
    }

    private func addressPair(_ values: [String: String]) throws(RouterRefusal) -> (mac: String, ip: String) {
        guard let ip = values["ip"].flatMap({ IPAddress($0) })?.description else {
            throw .failure("invalid value for argument ip")
        }
        guard let mac = values["mac-address"].flatMap({ MACAddress($0) })?.description else {
            throw .failure("invalid value of mac-address, mac address required")
        }
        guard let host = tables[Self.hosts]?.rows("address", ip).first else { throw .failure("unknown host IP \(ip)") }
        guard host.values["mac-address"] == mac else { throw .failure("wrong MAC provided") }
        return (mac, ip)
    }

    private func user(_ values: [String: String], mac: String) throws(RouterRefusal) -> Row {
        let name = values["user"] ?? ""
        guard let user = tables[Self.users]?.rows("name", name).first, user.values["disabled"] != "true",
            user.values["password"] ?? "" == values["password"] ?? ""
        else { throw .failure("invalid username or password") }
        guard user.values["mac-address"].map({ $0 == mac }) ?? true else {
            throw .failure("user \(name) is not allowed to log in from this MAC address")
        }
        return user
    }

    private mutating func begin(_ user: Row, mac: String, ip: String) throws(RouterRefusal) {
        let name = user.values["name"] ?? ""
        let limit = user.values["limit-uptime"].flatMap(RouterDuration.seconds) ?? 0
        let left = Double(limit) - user.used
        guard limit == 0 || left > 0 else { throw .failure("user \(name) has reached uptime limit") }
        let until = limit == 0 ? nil : now().addingTimeInterval(left)
        tables[Self.sessions]?.add(
            [
                "user": name, "mac-address": mac, "address": ip, "server": "portico", "login-by": "admin",
                "idle-time": "0s", "keepalive-timeout": "2m", "radius": "false", "blocked": "false",
            ], since: now(), until: until)
        if let until { nextSweep = min(nextSweep, until) }
        leaveCookie(user, mac: mac)
    }

    private mutating func leaveCookie(_ user: Row, mac: String) {
        let profile = tables["ip/hotspot/user/profile"]?.rows("name", user.values["profile"] ?? "").first
        guard profile?.values["add-mac-cookie"] == "true" else { return }
        tables["ip/hotspot/cookie"]?.add(
            ["user": user.values["name"] ?? "", "mac-address": mac, "expires-in": "3d", "mac-cookie": "true"],
            since: now())
    }

    /// Removes a session, adds its time to its user, and removes the device's cookies.
    mutating func endSession(_ session: Row) {
        tables[Self.sessions]?.remove(session.id)
        let end = min(now(), session.until ?? .distantFuture)
        for user in tables[Self.users]?.rows("name", session.values["user"] ?? "") ?? [] {
            tables[Self.users]?.change(user.id) { $0.used += end.timeIntervalSince(session.since) }
        }
        for cookie in tables["ip/hotspot/cookie"]?.rows("mac-address", session.values["mac-address"] ?? "") ?? [] {
            tables["ip/hotspot/cookie"]?.remove(cookie.id)
        }
    }

    mutating func resetCounters(_ ids: [Int]) {
        for id in ids { tables[Self.users]?.change(id) { $0.used = 0 } }
    }
}
