internal import Captive

/// The request that a kind of device sends to detect a captive portal.
struct DeviceProbe: Sendable {
    let device: GuestDevice
    let host: String
    let path: String
    let userAgent: String
    /// Whether the response is that of an open network, which the portal must not return.
    let isOnline: @Sendable (_ status: Int, _ body: String) -> Bool

    private static let chrome =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/60.0.3112.32 Safari/537.36"

    /// In the order of the devices. Sources: AOSP NetworkStack, ChromiumOS shill, NetworkManager's nm-connectivity.c,
    /// Mozilla's and Microsoft's pages on captive portals, Wireless Broadband Alliance "captive behavior".
    static let all = [
        DeviceProbe(
            device: .ios, host: "captive.apple.com", path: "/hotspot-detect.html",
            userAgent: "CaptiveNetworkSupport-465.60.2 wispr", isOnline: saysSuccess),
        DeviceProbe(
            device: .macos, host: "captive.apple.com", path: "/hotspot-detect.html",
            userAgent: "CaptiveNetworkSupport-443.120.2 wispr", isOnline: saysSuccess),
        DeviceProbe(
            device: .android, host: "connectivitycheck.gstatic.com", path: "/generate_204", userAgent: chrome,
            isOnline: isEmpty),
        DeviceProbe(
            device: .windows, host: "www.msftconnecttest.com", path: "/connecttest.txt", userAgent: "Microsoft NCSI",
            isOnline: { $0 == 200 && $1.hasPrefix("Microsoft Connect Test") }),
        DeviceProbe(
            device: .chromeos, host: "www.gstatic.com", path: "/generate_204", userAgent: chrome, isOnline: isEmpty),
        DeviceProbe(
            device: .firefox, host: "detectportal.firefox.com", path: "/canonical.html",
            userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            isOnline: { $0 == 200 && $1.contains("support.mozilla.org/kb/captive-portal") }),
        DeviceProbe(
            device: .linux, host: "connectivity-check.ubuntu.com", path: "/", userAgent: "NetworkManager/1.46.0",
            isOnline: { $0 == 204 || $1.hasPrefix("NetworkManager is online") }),
    ]

    private static let saysSuccess: @Sendable (Int, String) -> Bool = { $0 == 200 && $1.contains("Success") }
    private static let isEmpty: @Sendable (Int, String) -> Bool = { status, _ in status == 204 }
}
