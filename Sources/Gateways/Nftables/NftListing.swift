internal import Captive
internal import Foundation
internal import NetworkAddress

/// What `nft -j list table` prints (libnftables-json(5)), as far as the portal asks for it.
struct NftListing: Sendable, Equatable {
    /// Of the program nft.
    var version: String?
    /// Devices in the set `guests`, each with the seconds that it has left.
    var guests: [MACAddress: Int] = [:]
    /// What the rules in use are known by; nil if the table is not the portal's work, or has been changed.
    var fingerprint: String?
    /// Of all chains but the garden's.
    var ruleCount = 0
    /// The names of all sets.
    var sets: Set<String> = []
    /// The rules of the walled garden; a name that has rules for both families is here once.
    var garden: [WalledGardenRule] = []

    /// Nil for what is no such document.
    init?(json: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(json.streamSafeJSON)) else {
            return nil
        }
        for item in document.nftables {
            version = version ?? item.metainfo?.version
            if let set = item.set { note(set) }
            if let rule = item.rule { note(rule) }
        }
    }

    private mutating func note(_ set: ElementSet) {
        sets.insert(set.name)
        if set.name == NftRuleset.DeviceSet.guests.rawValue { note(set.elem ?? []) }
    }

    private mutating func note(_ rule: NftRule) {
        if rule.chain == NftRuleset.garden {
            if let entry = rule.gardenRule, !garden.contains(entry) { garden.append(entry) }
            return
        }
        ruleCount += 1
        if let comment = rule.comment, comment.hasPrefix(NftRuleset.mark) {
            fingerprint = String(comment.dropFirst(NftRuleset.mark.count))
        }
    }

    private mutating func note(_ elements: [Element]) {
        for element in elements {
            guard let mac = element.elem.val.flatMap({ MACAddress($0) }) else { continue }
            guests[mac] = min(max(element.elem.expires ?? 0, 0), Self.longestStay)
        }
    }

    /// Seconds; no stay is as long as ten years.
    private static let longestStay = 10 * 366 * 86_400

    private struct Document: Decodable {
        var nftables: [Item]
    }

    private struct Item: Decodable {
        var metainfo: Metainfo?
        var set: ElementSet?
        var rule: NftRule?
    }

    private struct Metainfo: Decodable {
        var version: String
    }

    /// Elements are read of the guests' set alone: guests can make others as long as the kernel lets them be.
    private struct ElementSet: Decodable {
        var name: String
        var elem: [Element]?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            name = try fields.decode(String.self, forKey: .name)
            guard name == NftRuleset.DeviceSet.guests.rawValue else { return }
            elem = try fields.decodeIfPresent([Element].self, forKey: .elem)
        }

        enum CodingKeys: CodingKey { case name, elem }
    }

    /// An element with a timeout; one without is a bare value, and none of the portal's.
    private struct Element: Decodable {
        struct Content: Decodable {
            var val: String?
            // Safe because it is clamped before it is used.
            var expires: Int?
        }

        var elem: Content

        init(from decoder: any Decoder) throws {
            let fields = try? decoder.container(keyedBy: CodingKeys.self)
            elem = (try? fields?.decode(Content.self, forKey: .elem)) ?? Content()
        }

        enum CodingKeys: CodingKey { case elem }
    }
}

extension NftRuleset {
    /// Whether the kernel holds the rules that `base` writes.
    func isWhole(_ listing: NftListing, for network: NftNetwork) -> Bool {
        listing.fingerprint == fingerprint(of: network) && listing.ruleCount == ruleCount(of: network)
    }
}
