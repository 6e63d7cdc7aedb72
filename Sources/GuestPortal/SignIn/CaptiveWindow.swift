import Captive
import Pages

extension GuestPage.CaptiveWindow {
    /// The captive window of the device, as far as the user agent identifies it; nil for a browser. For presentation
    /// only.
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

    /// Returns true for a WebKit user agent that contains no name of an app or a browser.
    private static func isAppleSheet(_ agent: String) -> Bool {
        ["iPhone", "iPad", "iPod", "Macintosh"].contains(where: agent.contains) && agent.contains("AppleWebKit")
            && !["Safari/", "CriOS", "FxiOS", "EdgiOS"].contains(where: agent.contains)
    }
}

extension AuthIntegration.Provider {
    /// Whether the provider refuses sign-ins inside a captive window: Google returns `disallowed_useragent` there.
    var refusesCaptiveWindows: Bool { self == .google }
}
