internal import Foundation
internal import NetworkAddress

/// The guests whom the daemon authmon of an openNDS gateway is to let through. It asks every few seconds and tells
/// afterwards whom it let through. It says nothing of devices that openNDS lets through already or does not see.
///
/// Anybody on the guest network can ask and tell in authmon's name, so neither uses an offer up. A device is offered
/// for as long as its session lasts, which openNDS declines once it lets the device through. Which devices an answer
/// offers is drawn at random each second: whoever asks in between changes nothing for authmon.
///
/// Guests are named by their MAC addresses, not by the tokens that came through their browsers: so openNDS itself sees
/// to it that who is let through is the device in the database.
///
/// A pure state machine.
struct AuthList {
    private struct Offer {
        var end: Date
        /// When the portal last had a reason to believe that openNDS does not let the device through.
        var neededAt: Date
        /// When the session would end at openNDS if it took the latest offer; nil before the first.
        var offeredEnd: Date?
        /// Whether it was offered since it was last wished.
        var isOffered = false
        /// Until when the device is let through, by what was said in authmon's name.
        var heldUntil: Date?

        func isHeld(at now: Date) -> Bool { heldUntil.map { $0 > now } ?? false }

        /// Whether it is offered before sessions that openNDS is likely to let through already.
        func isUrgent(at now: Date) -> Bool { now.timeIntervalSince(neededAt) < AuthList.urgency }
    }

    private var offers: [MACAddress: Offer] = [:]
    /// Devices that somebody is about to cut off at openNDS, and until when they are not offered.
    private var withheld: [MACAddress: Date] = [:]
    private var answer: (text: String, at: Date)?

    /// Seconds in which a device that needs to be let through goes before others, whatever is said in authmon's name:
    /// authmon asks at least once a minute.
    static let urgency: TimeInterval = 120
    /// Seconds for which all who ask get the same answer, so that many requests cost little.
    private static let answerLife: TimeInterval = 1
    /// Seconds in which a withheld device is to be cut off.
    private static let withholding: TimeInterval = 600

    private enum Kind: Int, CaseIterable {
        /// Nobody said that openNDS took the offer.
        case waiting
        /// Somebody said so a short time ago, which may be a lie.
        case claimed
        /// All other sessions that run.
        case running
    }

    /// The kinds that an answer is made of. Authmon of openNDS 9.10 takes all, that of later versions the first four.
    private static let places: [Kind] = [.waiting, .waiting, .claimed, .running, .waiting, .waiting]

    /// `mac` is to be let through until `end`.
    mutating func wish(_ mac: MACAddress, until end: Date, at now: Date) {
        offers[mac, default: Offer(end: end, neededAt: now)].end = end
        offers[mac]?.neededAt = now
        offers[mac]?.isOffered = false
        withheld[mac] = nil
        answer = nil
    }

    /// The devices with running sessions, each until its end. Others remain only while they wait for their session to
    /// be confirmed.
    mutating func update(running: [(mac: MACAddress, end: Date)], at now: Date) {
        let known = offers
        offers = known.filter { $0.value.heldUntil == nil && $0.value.isUrgent(at: now) }
        for (mac, end) in running {
            offers[mac] = known[mac] ?? Offer(end: end, neededAt: .distantPast)
            offers[mac]?.end = end
        }
        withheld = withheld.filter { $0.value > now }
        answer = nil
    }

    /// openNDS has forgotten all devices.
    mutating func forgetHeld() {
        for mac in offers.keys { offers[mac]?.heldUntil = nil }
    }

    /// openNDS does not let the device through any more. Only if that is proved, the device goes before others.
    mutating func lose(_ mac: MACAddress, isProved: Bool, at now: Date) {
        offers[mac]?.heldUntil = nil
        if isProved { offers[mac]?.neededAt = now }
    }

    /// The device is not offered for ten minutes, unless it is wished again: somebody is about to cut it off.
    mutating func withhold(_ mac: MACAddress, at now: Date) {
        withheld[mac] = now.addingTimeInterval(Self.withholding)
        answer = nil
    }

    /// False if openNDS lets the device through for some time yet.
    mutating func drop(_ mac: MACAddress, at now: Date) -> Bool {
        // The running sessions may be read at this moment and still have it.
        withhold(mac, at: now)
        guard let offer = offers.removeValue(forKey: mac) else { return true }
        return !offer.isHeld(at: now) || offer.end <= now
    }

    /// Whether somebody said in authmon's name that openNDS lets the device through.
    func isHeld(_ mac: MACAddress, at now: Date) -> Bool { offers[mac]?.isHeld(at: now) ?? false }

    /// Whether the device was offered since it was wished, and not taken.
    func isDeclined(_ mac: MACAddress) -> Bool { offers[mac].map { $0.isOffered && $0.heldUntil == nil } ?? false }

    /// What authmon is answered: an asterisk, then the arguments of `ndsctl auth` for each device, in percent-encoding.
    mutating func offer(at now: Date) -> String {
        var random = SystemRandomNumberGenerator()
        return offer(at: now, using: &random)
    }

    mutating func offer(at now: Date, using random: inout some RandomNumberGenerator) -> String {
        if let answer, (0..<Self.answerLife).contains(now.timeIntervalSince(answer.at)) { return answer.text }
        refresh(at: now)
        let text = draw(at: now, using: &random).reduce("*") { text, mac in
            guard let end = offers[mac]?.end else { return text }
            let minutes = max(1, Int(saturating: (end.timeIntervalSince(now) / 60).rounded(.up)))
            offers[mac]?.offeredEnd = now.addingTimeInterval(Double(minutes) * 60)
            offers[mac]?.isOffered = true
            return text + " " + Self.arguments(mac, minutes)
        }
        answer = (text, now)
        return text
    }

    /// Somebody said in authmon's name that openNDS let these through. Devices that were not offered are not the
    /// portal's.
    mutating func take(_ macs: [MACAddress]) {
        for mac in macs {
            if let end = offers[mac]?.offeredEnd { offers[mac]?.heldUntil = end }
        }
    }

    /// Drops what is over. A device whose time at openNDS is over and whose session is not, as openNDS extends none,
    /// needs to be let through again.
    private mutating func refresh(at now: Date) {
        offers = offers.filter { $0.value.end > now }
        for (mac, offer) in offers {
            guard let end = offer.heldUntil, end <= now else { continue }
            offers[mac]?.heldUntil = nil
            offers[mac]?.neededAt = now
        }
    }

    /// For each place a device of its kind; where there is none, one of the first kind that has some left.
    private func draw(at now: Date, using random: inout some RandomNumberGenerator) -> [MACAddress] {
        var kinds: [Kind: [MACAddress]] = [:]
        for (mac, offer) in offers where withheld[mac].map({ $0 <= now }) ?? true {
            kinds[kind(of: offer, at: now), default: []].append(mac)
        }
        return Self.places.compactMap { place -> MACAddress? in
            let kind = ([place] + Kind.allCases).first { kinds[$0]?.isEmpty == false }
            guard let kind, let count = kinds[kind]?.count else { return nil }
            kinds[kind]?.swapAt(Int.random(in: 0..<count, using: &random), count - 1)
            return kinds[kind]?.popLast()
        }
    }

    private func kind(of offer: Offer, at now: Date) -> Kind {
        guard offer.isUrgent(at: now) else { return .running }
        return offer.isHeld(at: now) ? .claimed : .waiting
    }

    /// MAC address, minutes, openNDS's own rates and quotas, and the portal's mark in base64.
    private static func arguments(_ mac: MACAddress, _ minutes: Int) -> String {
        "\(mac.description.lowercased()) \(minutes) 0 0 0 0 cG9ydGljbw==".replacing(" ", with: "%20")
    }
}
