/// What one kind of device does at a site, derived from the doctor's findings.
package struct DeviceResult: Sendable, Equatable {
    /// Whether guests with the device can sign in.
    package enum Outcome: String, Sendable, CaseIterable {
        /// The page opens and guests can sign in.
        case works
        /// Guests can sign in, with restrictions.
        case degraded
        /// Guests cannot sign in.
        case fails
    }

    package var device: GuestDevice
    package var outcome: Outcome
    /// What the guest sees: one sentence or more.
    package var guestSees: String
    /// The checks that caused the outcome; empty if it is `works`.
    package var causedBy: [Finding.Check]

    /// The first problem in the order of a sign-in decides. Without one, each warning adds a sentence.
    package init(_ device: GuestDevice, findings: [Finding]) {
        let findings = findings.filter { $0.device == nil || $0.device == device }
        self.device = device
        if let failure = DeviceFailure.first(for: device, in: findings) {
            outcome = .fails
            guestSees = failure.guestSees
            causedBy = failure.causedBy
            return
        }
        let warnings = DeviceWarning.all(for: device, in: findings)
        outcome = warnings.isEmpty ? .works : .degraded
        guestSees = ([device.normalBehavior] + warnings.map(\.text)).joined(separator: " ")
        causedBy = warnings.map(\.check)
    }
}

extension GuestDevice {
    /// What a guest sees at a portal without problems.
    var normalBehavior: String {
        switch self {
        case .ios: "The sign-in window opens by itself within seconds of joining, and closes with Done."
        case .macos: "A small sign-in window opens by itself within seconds of joining."
        case .android: "A notification asks the guest to sign in to the network; tapping it opens the page."
        case .windows: "The default browser opens by itself and shows the page."
        case .chromeos:
            "A notification asks the guest to sign in to the network; clicking it opens the page in a window."
        case .firefox: "A bar at the top asks the guest to log in to the network; its button opens the page in a tab."
        case .linux: "The desktop reports that the network requires a log-in and opens the page in its own window."
        }
    }

    /// What opens, as the beginning of a sentence.
    var opening: String {
        switch self {
        case .ios, .macos: "The sign-in window opens"
        case .android, .chromeos: "The notification appears and opens the page"
        case .windows: "The browser opens"
        case .firefox: "The bar appears and opens a tab"
        case .linux: "The log-in window opens"
        }
    }
}
