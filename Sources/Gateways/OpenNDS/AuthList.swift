internal import Foundation
internal import NetworkAddress

/// The list of devices that the daemon authmon of an openNDS gateway has to authorize. Authmon polls every few seconds
/// and then reports which devices it has authorized. It does not report devices that openNDS has already authorized or
/// does not know.
///
/// Any device on the guest network can send a forged poll or report, so neither removes a device from the list. A
/// device is offered for as long as its session lasts; openNDS ignores offers of devices that are already authorized.
/// The devices in a response are drawn at random each second, so that forged polls do not affect authmon.
///
/// The list identifies devices by MAC address rather than by the token from the guest's browser, so that openNDS
/// authorizes the device that is in the database.
///
/// A pure state machine.
struct AuthList {
    private struct Offer {
        var end: Date
        /// When the portal last had a reason to assume that openNDS has not authorized the device.
        var neededAt: Date
        /// When openNDS would end the session according to the latest offer; nil before the first offer.
        var offeredEnd: Date?
        /// Whether the device was offered since it was last requested.
        var isOffered = false
        /// When the authorization ends that was reported in authmon's name; nil if there was no report.
        var heldUntil: Date?

        func isHeld(at now: Date) -> Bool { heldUntil.map { $0 > now } ?? false }

        /// Whether the device is offered before those that openNDS has probably authorized.
        func isUrgent(at now: Date) -> Bool { now.timeIntervalSince(neededAt) < AuthList.urgency }
    }

    private var offers: [MACAddress: Offer] = [:]
    /// Devices that are being disconnected at openNDS, each with the time until which it is not offered.
    private var withheld: [MACAddress: Date] = [:]
    private var answer: (text: String, at: Date)?

    /// Seconds for which a device that has to be authorized precedes others, regardless of reports. Authmon polls at
    /// least once a minute.
    static let urgency: TimeInterval = 120
    /// Seconds for which all polls get the same response, so that many polls cost little.
    private static let responseLifetime: TimeInterval = 1
    /// Seconds for which a device that is being disconnected is not offered.
    private static let withholding: TimeInterval = 600

    private enum Kind: Int, CaseIterable {
        /// The device was requested recently, and not reported.
        case waiting
        /// The device was requested recently and reported, possibly by a forged report.
        case claimed
        /// All other running sessions.
        case running
    }

    /// The kinds of the devices in a response, in order. Authmon of openNDS 9.10 reads all six; later versions read the
    /// first four.
    private static let slots: [Kind] = [.waiting, .waiting, .claimed, .running, .waiting, .waiting]

    /// Requests the authorization of a device until `end`.
    mutating func request(_ mac: MACAddress, until end: Date, at now: Date) {
        offers[mac, default: Offer(end: end, neededAt: now)].end = end
        offers[mac]?.neededAt = now
        offers[mac]?.isOffered = false
        withheld[mac] = nil
        answer = nil
    }

    /// Sets the devices with running sessions, each with the session's end. Other devices remain only while they wait
    /// for confirmation.
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

    /// openNDS has restarted and has no authorized devices.
    mutating func clearHeld() {
        for mac in offers.keys { offers[mac]?.heldUntil = nil }
    }

    /// openNDS does not authorize the device any more. Only a proved loss gives the device precedence.
    mutating func markLost(_ mac: MACAddress, isProved: Bool, at now: Date) {
        offers[mac]?.heldUntil = nil
        if isProved { offers[mac]?.neededAt = now }
    }

    /// Stops offering a device that is being disconnected, for ten minutes or until it is requested again.
    mutating func withhold(_ mac: MACAddress, at now: Date) {
        withheld[mac] = now.addingTimeInterval(Self.withholding)
        answer = nil
    }

    /// Removes a device. Returns false if openNDS still authorizes it for some time.
    mutating func remove(_ mac: MACAddress, at now: Date) -> Bool {
        // A concurrent read of the running sessions may still contain the device.
        withhold(mac, at: now)
        guard let offer = offers.removeValue(forKey: mac) else { return true }
        return !offer.isHeld(at: now) || offer.end <= now
    }

    /// Whether a report in authmon's name says that openNDS authorizes the device.
    func isHeld(_ mac: MACAddress, at now: Date) -> Bool { offers[mac]?.isHeld(at: now) ?? false }

    /// Whether the device was offered since its request, and not reported.
    func isDeclined(_ mac: MACAddress) -> Bool { offers[mac].map { $0.isOffered && $0.heldUntil == nil } ?? false }

    /// The response to a poll: an asterisk, then the percent-encoded arguments of `ndsctl auth` for each device.
    mutating func offer(at now: Date) -> String {
        var random = SystemRandomNumberGenerator()
        return offer(at: now, using: &random)
    }

    mutating func offer(at now: Date, using random: inout some RandomNumberGenerator) -> String {
        if let answer, (0..<Self.responseLifetime).contains(now.timeIntervalSince(answer.at)) { return answer.text }
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

    /// Records a report, in authmon's name, that openNDS has authorized these devices. Ignores devices that were not
    /// offered.
    mutating func recordReport(_ macs: [MACAddress]) {
        for mac in macs {
            if let end = offers[mac]?.offeredEnd { offers[mac]?.heldUntil = end }
        }
    }

    /// Removes ended sessions. openNDS cannot extend an authorization, so a device whose session outlasts it has to be
    /// authorized again.
    private mutating func refresh(at now: Date) {
        offers = offers.filter { $0.value.end > now }
        for (mac, offer) in offers {
            guard let end = offer.heldUntil, end <= now else { continue }
            offers[mac]?.heldUntil = nil
            offers[mac]?.neededAt = now
        }
    }

    /// Draws a device of the right kind for each slot, or one of the first kind that has devices left.
    private func draw(at now: Date, using random: inout some RandomNumberGenerator) -> [MACAddress] {
        var kinds: [Kind: [MACAddress]] = [:]
        for (mac, offer) in offers where withheld[mac].map({ $0 <= now }) ?? true {
            kinds[kind(of: offer, at: now), default: []].append(mac)
        }
        return Self.slots.compactMap { slot -> MACAddress? in
            let kind = ([slot] + Kind.allCases).first { kinds[$0]?.isEmpty == false }
            guard let kind, let count = kinds[kind]?.count else { return nil }
            kinds[kind]?.swapAt(Int.random(in: 0..<count, using: &random), count - 1)
            return kinds[kind]?.popLast()
        }
    }

    private func kind(of offer: Offer, at now: Date) -> Kind {
        guard offer.isUrgent(at: now) else { return .running }
        return offer.isHeld(at: now) ? .claimed : .waiting
    }

    /// MAC address, minutes, openNDS's default rates and quotas, and the portal's custom string in base64.
    private static func arguments(_ mac: MACAddress, _ minutes: Int) -> String {
        "\(mac.description.lowercased()) \(minutes) 0 0 0 0 cG9ydGljbw==".replacing(" ", with: "%20")
    }
}
