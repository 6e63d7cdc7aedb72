/// Kinds of devices and programs, each with its own captive portal detection.
package enum GuestDevice: String, Sendable, CaseIterable {
    case ios
    case macos
    case android
    case windows
    case chromeos
    case firefox
    case linux

    /// The name for people.
    package var name: String {
        switch self {
        case .ios: "iPhone and iPad (iOS 14 and newer)"
        case .macos: "Mac (macOS 11 and newer)"
        case .android: "Android 11 and newer"
        case .windows: "Windows 10 and 11"
        case .chromeos: "ChromeOS"
        case .firefox: "Firefox, on any computer"
        case .linux: "Linux desktop (NetworkManager: Ubuntu, Fedora, Debian)"
        }
    }

    /// Whether the device calls the Captive Portal API that DHCP option 114 names (RFC 8908, RFC 8910).
    package var asksCaptivePortalAPI: Bool {
        switch self {
        case .ios, .macos, .android, .chromeos: true
        case .windows, .firefox, .linux: false
        }
    }

    /// Whether the device may open no page if option 114 names an unusable API, at the latest when it joins a known
    /// network again. Other devices then fall back to their probes (AOSP NetworkStack, NetworkMonitor; ChromiumOS
    /// shill).
    package var reliesOnCaptivePortalAPI: Bool { self == .ios || self == .macos }

    /// The hosts of `ProbeHosts` that the device probes. If one of them is reachable before the device is authorized,
    /// the device believes that it is online.
    package var probeHosts: Set<String> {
        switch self {
        case .ios, .macos:
            [
                "captive.apple.com", "www.apple.com", "www.appleiphonecell.com", "www.airport.us", "www.ibook.info",
                "www.itools.info", "www.thinkdifferent.us",
            ]
        case .android:
            [
                "connectivitycheck.gstatic.com", "connectivitycheck.android.com", "clients3.google.com",
                "www.google.com", "play.googleapis.com", "connectivitycheck.platform.hicloud.com",
                "connect.rom.miui.com", "wifi.vivo.com.cn", "connectivitycheck.oppomobile.com", "wifi.coloros.com",
                "connectivity.samsung.com.cn", "d2uzsrnmmf6tds.cloudfront.net",
            ]
        case .windows:
            ["www.msftconnecttest.com", "ipv6.msftconnecttest.com", "www.msftncsi.com", "edge-http.microsoft.com"]
        case .chromeos:
            [
                "connectivitycheck.gstatic.com", "www.google.com", "www.gstatic.com", "www.play.googleapis.com",
                "safebrowsing.google.com", "www.googleapis.com",
            ]
        case .firefox: ["detectportal.firefox.com"]
        case .linux:
            ["nmcheck.gnome.org", "connectivity-check.ubuntu.com", "networkcheck.kde.org", "fedoraproject.org"]
        }
    }
}
