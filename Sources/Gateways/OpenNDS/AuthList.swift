internal import Foundation
internal import NetworkAddress

/// The guests whom the daemon authmon of an openNDS gateway is to let through. It asks every few seconds, takes at most
/// four at a time, and tells afterwards whom it let through. Of those whom openNDS lets through already, or does not
/// see, it says nothing.
///
/// Guests are named by their MAC addresses, not by the tokens that came through their browsers: so openNDS itself sees
/// to it that who is let through is who is in the books.
///
/// A pure state machine.
struct AuthList {
    private struct Stay {
        var end: Date
        /// When a stay that openNDS was offered last would end there; nil before.
        var offeredEnd: Date?
        /// Until when openNDS said that it lets the guest through.
        var heldUntil: Date?
        /// Times that it was offered in its present state, and how often it is to be at most.
        var offers = 0
        var mostOffers = Int.max

        func isHeld(at now: Date) -> Bool { heldUntil.map { $0 > now } ?? false }
    }

    private var stays: [MACAddress: Stay] = [:]

    /// Devices that authmon takes in one go.
    static let most = 4
    /// Nobody can tell authmon's word from a guest's: one that was taken is offered again so often, which openNDS
    /// declines if it was true.
    private static let offersOfTaken = 2
    /// Of those who were let through before openNDS restarted, some are gone.
    private static let offersOfRestored = 3

    /// `mac` is to be let through until `end`.
    mutating func wish(_ mac: MACAddress, until end: Date) {
        var stay = stays[mac] ?? Stay(end: end)
        (stay.end, stay.offers) = (end, 0)
        stay.mostOffers = stay.heldUntil == nil ? .max : Self.offersOfTaken
        stays[mac] = stay
    }

    /// openNDS has forgotten everybody; these were let through, each until its end.
    mutating func restart(with running: [(mac: MACAddress, end: Date)]) {
        for mac in stays.keys { stays[mac]?.heldUntil = nil }
        for (mac, end) in running {
            stays[mac] = Stay(end: end, mostOffers: Self.offersOfRestored)
        }
    }

    /// openNDS does not let the device through any more. It is offered again when it is wished again: somebody at the
    /// gateway may have meant it.
    mutating func lose(_ mac: MACAddress) {
        guard stays[mac]?.heldUntil != nil else { return }
        stays[mac]?.heldUntil = nil
        stays[mac]?.mostOffers = 0
    }

    /// False if openNDS lets the device through for some time yet.
    mutating func drop(_ mac: MACAddress, at now: Date) -> Bool {
        guard let stay = stays.removeValue(forKey: mac) else { return true }
        return !stay.isHeld(at: now) || stay.end <= now
    }

    /// Whether openNDS said that it lets the device through.
    func isHeld(_ mac: MACAddress, at now: Date) -> Bool { stays[mac]?.isHeld(at: now) ?? false }

    /// Whether the device was offered, and not taken.
    func isDeclined(_ mac: MACAddress) -> Bool { stays[mac].map { $0.offers > 0 && $0.heldUntil == nil } ?? false }

    /// What authmon is answered: an asterisk, then the arguments of `ndsctl auth` for each device, in percent-encoding.
    mutating func offer(at now: Date) -> String {
        refresh(at: now)
        let offered = stays.filter { $0.value.offers < $0.value.mostOffers }
            .sorted { Self.rank($0.value) < Self.rank($1.value) }.prefix(Self.most)
        return offered.reduce("*") { text, entry in
            let minutes = max(1, Int(saturating: (entry.value.end.timeIntervalSince(now) / 60).rounded(.up)))
            stays[entry.key]?.offers += 1
            stays[entry.key]?.offeredEnd = now.addingTimeInterval(Double(minutes) * 60)
            return text + " " + Self.arguments(entry.key, minutes)
        }
    }

    /// openNDS let these through. Those whom it was not told to are none of the portal's.
    mutating func take(_ macs: [MACAddress]) {
        for mac in macs {
            guard let end = stays[mac]?.offeredEnd else { continue }
            stays[mac]?.heldUntil = end
            stays[mac]?.offers = 0
            stays[mac]?.mostOffers = Self.offersOfTaken
        }
    }

    /// What is over goes; what openNDS has ended before its time, as it extends no stay, begins anew.
    private mutating func refresh(at now: Date) {
        stays = stays.filter { $0.value.end > now }
        for (mac, stay) in stays where stay.heldUntil.map({ $0 <= now }) ?? false {
            stays[mac] = Stay(end: stay.end)
        }
    }

    /// New ones first, then those offered less often.
    private static func rank(_ stay: Stay) -> (Int, Int) { (stay.heldUntil == nil ? 0 : 1, stay.offers) }

    /// MAC address, minutes, openNDS's own rates and quotas, and the portal's mark in base64.
    private static func arguments(_ mac: MACAddress, _ minutes: Int) -> String {
        "\(mac.description.lowercased()) \(minutes) 0 0 0 0 cG9ydGljbw==".replacing(" ", with: "%20")
    }
}
