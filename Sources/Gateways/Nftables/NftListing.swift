internal import Captive
internal import Foundation
internal import NetworkAddress

/// The parts of `nft -j list table` (libnftables-json(5)) that the portal uses.
struct NftListing: Sendable, Equatable {
    /// The version of the program nft.
    var version: String?
    /// Devices in the set `guests`, each with its remaining seconds.
    var guests: [MACAddress: Int] = [:]
    /// The fingerprint of the rules; nil if the portal did not create the table, or the marked rule was removed.
    var fingerprint: String?
    /// The number of rules, without those of the walled garden's chain.
    var ruleCount = 0
    /// The names of all sets.
    var sets: Set<String> = []
    /// The rules of the walled garden. A name with rules for both address families is listed once.
    var garden: [WalledGardenRule] = []

    /// Returns nil if `json` is not such a document.
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
            guests[mac] = min(max(element.elem.expires ?? 0, 0), Self.longestTime)
        }
    }

    /// Ten years in seconds: an upper bound.
    private static let longestTime = 10 * 366 * 86_400

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

    /// Reads elements of the set `guests` only: guests can fill the other sets up to the kernel's limit.
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

    /// An element with a timeout. An element without one is a bare value, which the portal does not write.
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
    /// Whether the kernel has exactly the rules of `base`.
    func isWhole(_ listing: NftListing, for network: NftNetwork) -> Bool {
        listing.fingerprint == fingerprint(of: network) && listing.ruleCount == ruleCount(of: network)
    }
}
