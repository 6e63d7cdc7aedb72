/// What one kind of device will do at a site, judged from what the doctor found.
package struct DeviceResult: Sendable, Equatable {
    /// How a guest with such a device fares.
    package enum Outcome: String, Sendable, CaseIterable {
        /// Finds the page and can sign in.
        case works
        /// Gets in, with something in the way.
        case degraded
        /// Does not get in.
        case fails
    }

    package var device: GuestDevice
    package var outcome: Outcome
    /// What the guest will see: a sentence or two.
    package var guestSees: String
    /// The checks that it rests on; none if all is well.
    package var causedBy: [Finding.Check]

    /// The first trouble on the guest's way decides; smaller ones are added as remarks.
    package init(_ device: GuestDevice, findings: [Finding]) {
        let findings = findings.filter { $0.device == nil || $0.device == device }
        self.device = device
        if let trouble = DeviceFailure.first(for: device, in: findings) {
            outcome = .fails
            guestSees = trouble.guestSees
            causedBy = trouble.causedBy
            return
        }
        let remarks = DeviceWarning.all(for: device, in: findings)
        outcome = remarks.isEmpty ? .works : .degraded
        guestSees = ([device.usualWay] + remarks.map(\.text)).joined(separator: " ")
        causedBy = remarks.map(\.check)
    }
}

extension GuestDevice {
    /// What a guest guestSees at a portal that is well.
    var usualWay: String {
        switch self {
        case .ios: "The sign-in window opens by itself within seconds of joining, and closes with Done."
        case .macos: "A small sign-in window opens by itself within seconds of joining."
        case .android: "A notification says that the network wants a sign-in; a tap on it opens the page."
        case .windows: "The default browser opens by itself and shows the page."
        case .chromeos:
            "A notification says that the network wants a sign-in; a click on it opens the page in a window."
        case .firefox: "A bar at the top says that the network wants a log-in; its button opens the page in a tab."
        case .linux: "The desktop says that the network wants a log-in and opens its own window with the page."
        }
    }

    /// What opens, in the middle of a sentence.
    var opening: String {
        switch self {
        case .ios, .macos: "The sign-in window opens"
        case .android, .chromeos: "The notification comes and opens the page"
        case .windows: "The browser opens"
        case .firefox: "The bar comes and opens a tab"
        case .linux: "The log-in window opens"
        }
    }
}
