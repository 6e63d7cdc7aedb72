import Captive
import NetworkAddress

/// What a body says a walled garden entry should be; nil for what it leaves as it is.
struct WalledGardenChanges: Sendable {
    let name: String?
    let destination: WalledGardenRule.Destination?
    private let kind: WalledGardenEntry.Kind??

    /// An entry names an address or a host. What it does not name is null, and may be sent back so.
    static func input(isNew: Bool) -> Input<WalledGardenChanges> {
        Input(isNew ? "WalledGardenEntryCreate" : "WalledGardenEntryUpdate", printed: WalledGardenEntry.shape.schema) {
            fields in
            fields.ignore("id")
            let name = isNew ? fields.required("name", .line()) : fields.optional("name", .line())
            let block = fields.nullable("ip_address", .guestBlock) ?? nil
            let host = fields.nullable("host", .gardenHost) ?? nil
            let kind = fields.nullable("type", Rule<WalledGardenEntry.Kind>.word)
            fields.ignore("created_at")
            fields.exclude("host", where: "ip_address")
            if isNew { fields.require("ip_address", or: "host") }
            let destination = block.map(WalledGardenRule.Destination.subnet) ?? host.map { .host($0.text) }
            return WalledGardenChanges(name: name, destination: destination, kind: kind)
        }
    }

    /// Throws `parameter_invalid` for a destination that would hide the portal from guests.
    func apply(to entry: inout WalledGardenEntry) throws {
        entry.name = name ?? entry.name
        entry.kind = kind ?? entry.kind
        guard let destination else { return }
        if let objection = destination.objection { throw APIError(.parameterInvalid, objection) }
        entry.destination = destination
    }
}

extension Rule where Value == Subnet {
    fileprivate static var guestBlock: Rule {
        Rule(
            expected: "an IPv4 address, or a block of them in CIDR notation such as 172.217.16.0/24",
            schema: [
                "type": "string", "examples": ["172.217.16.0/24", "192.0.2.7"], "pattern": .string(blockPattern),
            ]
        ) { value in
            guard case .string(let text) = value, let subnet = Subnet(text), case .v4 = subnet.base else { return nil }
            return subnet
        }
    }
}

/// Shorter prefixes are refused by what they hide.
private let blockPattern = "^(\(octet)\\.){3}\(octet)(/(3[0-2]|[12][0-9]|[89]))?$"

extension Rule where Value == HostName {
    fileprivate static var gardenHost: Rule {
        Rule(
            expected: "a host's name such as login.example.com, or *.example.com for all names below it",
            schema: [
                "type": "string", "maxLength": 253, "examples": ["login.example.com", "*.example.com"],
                "pattern":
                    "^(\\*\\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$",
            ]
        ) { value in
            guard case .string(let text) = value else { return nil }
            return HostName(text)
        }
    }
}

extension WalledGardenEntry: Listed, Shaped {
    static let shape = Shape<Self>(
        "WalledGardenEntry",
        [
            .init("id", "The entry's ID.") { $0.id }, .init("name", "A name for admins.") { $0.name },
            .init("ip_address", "An IPv4 address, or a block in CIDR notation; null for a host.") {
                $0.destination.address
            },
            .init("host", "A host's name; `*.` before it stands for all names below it. Null for an address.") {
                $0.destination.host
            },
            .init("type", "What it is for; it makes no difference to guests.") { $0.kind },
            .init("created_at", "When it was made.") { $0.createdAt },
        ])
}

extension WalledGardenEntry.Kind: JSONRepresentable {}

extension WalledGardenRule.Destination {
    /// A single address without its length.
    var address: String? {
        guard case .subnet(let subnet) = self else { return nil }
        return subnet.prefixLength == subnet.base.bitWidth ? subnet.base.description : subnet.description
    }

    var host: String? {
        if case .host(let name) = self { name } else { nil }
    }
}
