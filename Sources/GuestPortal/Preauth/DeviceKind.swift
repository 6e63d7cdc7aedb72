/// The kind of a guest's device as its user agent tells it: for the books and for how a page is
/// presented, never for access.
package enum DeviceKind: String, Sendable, CaseIterable {
    case iPhone, iPad, mac = "Mac", android = "Android", windows = "Windows", chromeOS = "ChromeOS", linux = "Linux"

    /// Nil for a user agent that says nothing known.
    package init?(userAgent: String?) {
        guard let userAgent else { return nil }
        // The order matters: an iPhone also says "Mac OS X", an Android device "Linux".
        let tells: [(String, DeviceKind)] = [
            ("iPhone", .iPhone), ("iPad", .iPad), ("Android", .android), ("Macintosh", .mac), ("Windows", .windows),
            ("CrOS", .chromeOS), ("Linux", .linux),
        ]
        guard let kind = tells.first(where: { userAgent.contains($0.0) })?.1 else { return nil }
        self = kind
    }
}
