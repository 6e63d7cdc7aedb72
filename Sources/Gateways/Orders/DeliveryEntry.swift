internal import Captive
internal import Foundation

/// An order on its way, and what has come of it so far.
struct DeliveryEntry: Sendable {
    let order: GatewayOrder
    let origin: Origin
    var attempts = 0
    private(set) var lastError: GatewayError?
    /// When the router first said that it has no such device.
    private(set) var notSeenSince: Date?

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

    /// The router may hold a part of it, from this try or an earlier one. Not of a pair that it never knew: the MAC
    /// address may be a stranger's.
    private(set) var mayHaveBegun: Bool

    init(order: GatewayOrder, origin: Origin, attempts: Int = 0) {
        self.order = order
        self.origin = origin
        self.attempts = attempts
        mayHaveBegun = origin == .old
    }

    /// A try has failed.
    mutating func note(_ error: GatewayError, at now: Date) {
        lastError = error
        notSeenSince = error == .deviceNotSeen ? notSeenSince ?? now : nil
        if error != .deviceMismatch, error != .deviceNotSeen { mayHaveBegun = true }
    }
}
