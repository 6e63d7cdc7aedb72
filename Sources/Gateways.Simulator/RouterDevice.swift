internal import Foundation

/// The simulated router: its menus and their effect on guests. Independent of sockets, with an injected clock.
struct RouterDevice: Sendable {
    let tree: CommandTree
    var account: RouterAccount
    /// Maximum number of guests logged in at the same time; nil for no limit.
    var licence: Int?
    var tables: [String: Table] = [:]
    var startedAt: Date
    var bootedAt: Date
    /// The earliest time at which a row may expire.
    var nextSweep = Date.distantFuture
    let now: @Sendable () -> Date
    /// Seconds by which the shown clock is ahead of `now`.
    var clockAhead: TimeInterval = 0

    init(
        tree: CommandTree, account: RouterAccount, identity: String, version: String,
        now: @escaping @Sendable () -> Date
    ) {
        self.tree = tree
        self.account = account
        self.now = now
        (startedAt, bootedAt) = (now(), now())
        for (path, menu) in MenuCatalog.menus { tables[path] = Table(indexed: menu.indexed) }
        provision(identity: identity, version: version)
    }

    /// Adds the configuration that the portal's script creates on a router.
    private mutating func provision(identity: String, version: String) {
        add("ip/hotspot/profile", ["name": "default"])
        add(
            "ip/hotspot/profile",
            ["name": "portico", "login-by": "http-pap", "html-directory": "portico", "dns-name": "hotspot.guest"])
        add("ip/hotspot", ["name": "portico", "interface": "bridge-guests", "profile": "portico"])
        add("ip/hotspot/user/profile", ["name": "default", "default": "true"])
        add("ip/hotspot/user/profile", ["name": "portico", "add-mac-cookie": "false"])
        add("system/identity", ["name": identity])
        add("system/resource", ["version": version])
        add("system/clock", [:])
        add("system/ntp/client", [:])
        add("ip/dns", ["servers": "192.0.2.53"])
        for (name, port) in [("www", "80"), ("www-ssl", "443"), ("api", "8728"), ("api-ssl", "8729")] {
            add("ip/service", ["name": name, "port": port, "disabled": "false", "max-sessions": "20"])
        }
    }

    mutating func add(_ menu: String, _ values: [String: String]) {
        let defaults = MenuCatalog.menus[menu]?.defaults ?? [:]
        tables[menu]?.add(defaults.merging(values) { $1 }, since: now())
    }

    mutating func set(_ menu: String, where filter: [String: String], _ values: [String: String]) {
        for row in tables[menu]?.all ?? [] where filter.allSatisfy({ row.values[$0.key] == $0.value }) {
            tables[menu]?.change(row.id) { $0.values.merge(values) { $1 } }
        }
    }

    var identity: String { tables["system/identity"]?.all.first?.values["name"] ?? "" }

    mutating func reboot(boot: TimeInterval) {
        startedAt = now()
        bootedAt = now().addingTimeInterval(boot)
        for menu in ["ip/hotspot/host", "ip/hotspot/active"] {
            tables[menu] = Table(indexed: tables[menu]?.indexed ?? [])
        }
        for row in tables["ip/firewall/address-list"]?.all ?? [] where row.until != nil {
            tables["ip/firewall/address-list"]?.remove(row.id)
        }
    }

    /// Reboots the router; its guests' devices join again at once.
    mutating func restartWithGuests(boot: TimeInterval) {
        let hosts = tables["ip/hotspot/host"]?.all ?? []
        reboot(boot: boot)
        for host in hosts { connect(host.values["mac-address"] ?? "", host.values["address"] ?? "") }
    }

    mutating func removeProfile(_ name: String) {
        for row in tables["ip/hotspot/user/profile"]?.rows("name", name) ?? [] {
            tables["ip/hotspot/user/profile"]?.remove(row.id)
        }
    }

    /// Removes expired rows: sessions at their user's limit, and entries with a timeout.
    mutating func sweep() {
        let time = now()
        guard time >= nextSweep else { return }
        nextSweep = .distantFuture
        for menu in ["ip/hotspot/active", "ip/firewall/address-list"] {
            for row in tables[menu]?.all ?? [] {
                guard let until = row.until else { continue }
                if until <= time { removeRow(row, from: menu) } else { nextSweep = min(nextSweep, until) }
            }
        }
    }

    mutating func removeRow(_ row: Row, from menu: String) {
        if menu == "ip/hotspot/active" { endSession(row) } else { tables[menu]?.remove(row.id) }
    }
}
