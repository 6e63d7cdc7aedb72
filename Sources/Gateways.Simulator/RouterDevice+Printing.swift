internal import Foundation

/// Printing of rows: stored values, and values that change with time.
extension RouterDevice {
    mutating func printAll(_ menu: String) -> [[String: String]] {
        sweep()
        return (tables[menu]?.all ?? []).map { printed($0, of: menu) }
    }

    func printed(_ row: Row, of menu: String) -> [String: String] {
        var values = row.values
        let definition = MenuCatalog.menus[menu]
        for key in definition?.hidden ?? [] { values[key] = nil }
        if definition?.isSingle != true { values[".id"] = row.idText }
        values.merge(changing(row, of: menu)) { $1 }
        return values
    }

    private func changing(_ row: Row, of menu: String) -> [String: String] {
        let age = RouterDuration.text(Int(now().timeIntervalSince(row.since)))
        let left = row.until.map { RouterDuration.text(Int($0.timeIntervalSince(now()).rounded(.up))) }
        switch menu {
        case "ip/hotspot/active": return left.map { ["uptime": age, "session-time-left": $0] } ?? ["uptime": age]
        case "ip/hotspot/host": return ["uptime": age, "authorized": isAuthorized(row) ? "true" : "false"]
        case "ip/hotspot/user": return ["uptime": RouterDuration.text(Int(row.used))]
        case "ip/firewall/address-list": return left.map { ["timeout": $0] } ?? [:]
        case Self.clock: return shownClock
        case "system/resource": return ["uptime": RouterDuration.text(Int(now().timeIntervalSince(startedAt)))]
        default: return [:]
        }
    }

    private func isAuthorized(_ host: Row) -> Bool {
        tables["ip/hotspot/active"]?.rows("mac-address", host.values["mac-address"] ?? "").contains {
            $0.values["address"] == host.values["address"]
        } ?? false
    }
}
