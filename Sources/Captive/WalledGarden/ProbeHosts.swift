/// Hosts to which operating systems and browsers send probes. They must not be in a walled garden, and they are never
/// the address that a person requested.
package enum ProbeHosts {
    /// Whether a host, without port, is a probe host. Case-insensitive.
    package static func contains(_ host: String) -> Bool { all.contains(host.lowercased()) }

    /// The probe hosts that `destination` includes: the host itself, or with `*.` those below it, sorted.
    package static func covered(by destination: WalledGardenRule.Destination) -> [String] {
        guard case .host(let name) = destination else { return [] }
        guard name.hasPrefix("*.") else { return contains(name) ? [name.lowercased()] : [] }
        return all.filter { $0.hasSuffix(name.lowercased().dropFirst()) }.sorted()
    }

    package static let all: Set<String> = [
        // Apple
        "captive.apple.com", "www.apple.com", "www.appleiphonecell.com", "www.airport.us", "www.ibook.info",
        "www.itools.info", "www.thinkdifferent.us",
        // Android and ChromeOS
        "connectivitycheck.gstatic.com", "connectivitycheck.android.com", "clients3.google.com", "play.googleapis.com",
        "www.google.com", "www.gstatic.com", "www.play.googleapis.com", "safebrowsing.google.com", "www.googleapis.com",
        "connectivitycheck.platform.hicloud.com", "connect.rom.miui.com", "wifi.vivo.com.cn",
        "connectivitycheck.oppomobile.com", "wifi.coloros.com", "connectivity.samsung.com.cn",
        "d2uzsrnmmf6tds.cloudfront.net",
        // Windows and Edge
        "www.msftconnecttest.com", "ipv6.msftconnecttest.com", "www.msftncsi.com", "edge-http.microsoft.com",
        // Firefox
        "detectportal.firefox.com",
        // Linux desktops
        "nmcheck.gnome.org", "connectivity-check.ubuntu.com", "networkcheck.kde.org", "fedoraproject.org",
        // Kindle, Nintendo, PlayStation
        "spectrum.s3.amazonaws.com", "fireoscaptiveportal.com", "ctest.cdn.nintendo.net", "conntest.nintendowifi.net",
        "ena.net.playstation.net",
    ]
}
