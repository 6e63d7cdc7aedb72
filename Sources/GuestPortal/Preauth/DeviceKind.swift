/// The kind of a guest's device according to its user agent: for the database and for the presentation of pages, never
/// for access.
package enum DeviceKind: String, Sendable, CaseIterable {
    case iPhone, iPad, mac = "Mac", android = "Android", windows = "Windows", chromeOS = "ChromeOS", linux = "Linux"

    /// Nil for an unknown user agent.
    package init?(userAgent: String?) {
        guard let userAgent else { return nil }
        // The order matters: the user agent of an iPhone also contains "Mac OS X", that of an Android device "Linux".
        let patterns: [(String, DeviceKind)] = [
            ("iPhone", .iPhone), ("iPad", .iPad), ("Android", .android), ("Macintosh", .mac), ("Windows", .windows),
            ("CrOS", .chromeOS), ("Linux", .linux),
        ]
        guard let kind = patterns.first(where: { userAgent.contains($0.0) })?.1 else { return nil }
        self = kind
    }
}
