/// The simulated menus and their default values.
enum MenuCatalog {
    static let menus: [String: Menu] = Dictionary(
        uniqueKeysWithValues: (hotspot + garden + network + system).map { ($0.path, $0) })

    private static let hotspot = [
        Menu(
            path: "ip/hotspot", hasName: true, required: ["interface"],
            defaults: [
                "profile": "default", "addresses-per-mac": "2", "idle-timeout": "5m", "keepalive-timeout": "none",
                "disabled": "false", "invalid": "false",
            ]),
        Menu(path: "ip/hotspot/host", indexed: ["mac-address", "address"]),
        Menu(path: "ip/hotspot/active", indexed: ["mac-address", "address", "user"]),
        Menu(path: "ip/hotspot/cookie", indexed: ["mac-address"]),
        Menu(
            path: "ip/hotspot/user", indexed: ["name"], hasName: true, durations: ["limit-uptime"],
            references: ["profile": "ip/hotspot/user/profile", "server": "ip/hotspot"], required: ["name"],
            unique: (["name", "server"], "already have user with this name for this server"),
            defaults: ["profile": "default", "dynamic": "false", "disabled": "false"], hidden: ["password"]),
        Menu(
            path: "ip/hotspot/user/profile", hasName: true,
            flags: ["add-mac-cookie", "transparent-proxy", "advertise"],
            durations: ["session-timeout", "mac-cookie-timeout", "status-autorefresh"], required: ["name"],
            unique: (["name"], "already have profile with such name"),
            defaults: [
                "shared-users": "1", "add-mac-cookie": "true", "mac-cookie-timeout": "3d", "idle-timeout": "none",
                "keepalive-timeout": "2m", "status-autorefresh": "1m", "transparent-proxy": "false", "default": "false",
            ]),
        Menu(
            path: "ip/hotspot/profile", hasName: true, flags: ["use-radius", "split-user-domain"], required: ["name"],
            unique: (["name"], "already have profile with such name"),
            defaults: ["login-by": "cookie,http-chap", "html-directory": "hotspot", "use-radius": "false"]),
        Menu(
            path: "ip/hotspot/ip-binding", indexed: ["mac-address"],
            words: ["type": ["regular", "bypassed", "blocked"]],
            unique: (["address", "mac-address", "server"], "such client already exists"),
            defaults: ["type": "regular", "disabled": "false", "bypassed": "false", "blocked": "false"]),
    ]

    private static let garden = [
        Menu(
            path: "ip/hotspot/walled-garden", words: ["action": ["allow", "deny"]],
            defaults: ["action": "allow", "hits": "0", "dynamic": "false", "disabled": "false"]),
        Menu(
            path: "ip/hotspot/walled-garden/ip", words: ["action": ["accept", "drop", "reject"]],
            defaults: ["action": "accept", "dynamic": "false", "disabled": "false", "invalid": "false"]),
    ]

    private static let network = [
        Menu(
            path: "ip/firewall/address-list", indexed: ["address"], durations: ["timeout"],
            required: ["list", "address"], unique: (["list", "address"], "already have such entry"),
            defaults: ["dynamic": "false", "disabled": "false"]),
        Menu(
            path: "ip/dhcp-server/lease", indexed: ["active-address", "address"], durations: ["lease-time"],
            required: ["address"], unique: (["address"], "already have static lease with this IP address"),
            defaults: ["dynamic": "false", "blocked": "false", "disabled": "false", "radius": "false"]),
        Menu(path: "ip/dhcp-server/network", required: ["address"]),
        Menu(
            path: "ip/dhcp-server/option", hasName: true, flags: ["force"], required: ["name", "code"],
            unique: (["name"], "already have option with such name")),
        Menu(
            path: "ip/dhcp-server/option/sets", hasName: true, required: ["name"],
            unique: (["name"], "already have option set with such name")),
        Menu(
            path: "ip/arp", indexed: ["address"], flags: ["disabled", "published"], required: ["address", "interface"]),
        Menu(
            path: "ip/dns", isSingle: true, flags: ["allow-remote-requests"],
            defaults: ["servers": "", "allow-remote-requests": "true", "cache-size": "2048KiB"]),
        Menu(
            path: "ip/dns/static", indexed: ["name"], flags: ["disabled", "match-subdomain"],
            defaults: ["dynamic": "false", "disabled": "false", "ttl": "1d"]),
        Menu(path: "ip/service", hasName: true),
    ]

    private static let system = [
        Menu(path: "file", indexed: ["name"], required: ["name"], defaults: ["type": ".html file"]),
        Menu(path: "system/identity", isSingle: true),
        Menu(
            path: "system/clock", isSingle: true, flags: ["time-zone-autodetect"],
            defaults: [
                "time-zone-autodetect": "false", "time-zone-name": "UTC", "gmt-offset": "+00:00", "dst-active": "false",
            ]),
        Menu(
            path: "system/ntp/client", isSingle: true, flags: ["enabled"],
            defaults: ["enabled": "true", "mode": "unicast", "servers": "", "vrf": "main", "status": "synchronized"]),
        Menu(
            path: "system/resource", isSingle: true,
            defaults: [
                "build-time": "2024-11-26 12:09:40", "cpu-frequency": "2400",
                "board-name": "CHR", "architecture-name": "x86_64",
                "platform": "MikroTik",
                "cpu": "QEMU", "cpu-count": "1", "cpu-load": "3", "free-memory": "214958080",
                "total-memory": "268435456",
                "free-hdd-space": "66969600", "total-hdd-space": "93564928",
            ]),
    ]
}
