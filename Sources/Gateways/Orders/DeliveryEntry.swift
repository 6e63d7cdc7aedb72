internal import Captive
internal import Foundation

/// An order on its way, and what has come of it so far.
struct DeliveryEntry: Sendable {
    let order: GatewayOrder
    let origin: Origin
    var attempts = 0
    var lastError: GatewayError?
    /// When the router first said that it has no such device.
    var notSeenSince: Date?

    /// The router will not have it, and yet it is not given up, as its session was let in before, or is to end.
    var isStalled = false

    /// Where an order comes from, which says how far it is believed.
    enum Origin: Sendable {
        /// Just written: the books say the same.
        case fresh
        /// On disk before the portal started: its session may have moved on.
        case old
        /// A comparison's: it is in no book, and gives way to every order that is.
        case repair
    }

    var isRepair: Bool { origin == .repair }

    /// Every other order for the same device comes first.
    var givesWay: Bool { isRepair || isStalled }

    /// The router may hold a part of it. Not of a pair that it does not know: the MAC address may be a stranger's.
    var mayHaveBegun: Bool {
        guard let lastError else { return origin == .old }
        return lastError != .deviceMismatch && lastError != .deviceNotSeen
    }
}
