import Captive

extension GuestPage.CaptiveWindow {
    /// The window that a device opened for the portal, as far as its name tells; nil for a browser.
    /// For presentation only.
    init?(userAgent: String?) {
        guard let agent = userAgent else { return nil }
        if agent.contains("Android"), agent.contains("; wv)") {
            self = .android
        } else if agent.contains("CaptiveNetworkSupport") || Self.isAppleSheet(agent) {
            self = .apple
        } else {
            return nil
        }
    }

    /// WebKit that names neither itself nor another browser.
    private static func isAppleSheet(_ agent: String) -> Bool {
        ["iPhone", "iPad", "iPod", "Macintosh"].contains(where: agent.contains) && agent.contains("AppleWebKit")
            && !["Safari/", "CriOS", "FxiOS", "EdgiOS"].contains(where: agent.contains)
    }
}

extension AuthIntegration.Provider {
    /// Whether it signs nobody in inside a captive window: Google answers `disallowed_useragent` there.
    var refusesCaptiveWindows: Bool { self == .google }
}
