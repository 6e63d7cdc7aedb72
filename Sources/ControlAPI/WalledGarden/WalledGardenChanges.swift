import Captive
import NetworkAddress

/// The walled garden entry fields in a request body; nil for fields that are omitted.
struct WalledGardenChanges: Sendable {
    let name: String?
    let destination: WalledGardenRule.Destination?
    private let kind: WalledGardenEntry.Kind??

    /// An entry has either an address or a host; the other is null or omitted.
    static func input(isNew: Bool) -> Input<WalledGardenChanges> {
        Input(isNew ? "WalledGardenEntryCreate" : "WalledGardenEntryUpdate", resource: WalledGardenEntry.shape.schema) {
            fields in
            fields.ignore("id")
            let name = isNew ? fields.required("name", .line()) : fields.optional("name", .line())
            let block = fields.nullable("ip_address", .guestBlock) ?? nil
            let host = fields.nullable("host", .gardenHost) ?? nil
            let kind = fields.nullable("type", Rule<WalledGardenEntry.Kind>.enumeration)
            fields.ignore("created_at")
            fields.exclude("host", where: "ip_address")
            if isNew { fields.require("ip_address", or: "host") }
            let destination = block.map(WalledGardenRule.Destination.subnet) ?? host.map { .host($0.text) }
            return WalledGardenChanges(name: name, destination: destination, kind: kind)
        }
    }

    /// Throws `parameter_invalid` for a destination that would prevent devices from finding the portal.
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
            expected: "an IPv4 address or a subnet in CIDR notation, such as 172.217.16.0/24",
            schema: [
                "type": "string", "examples": ["172.217.16.0/24", "192.0.2.7"], "pattern": .string(blockPattern),
            ]
        ) { value in
            guard case .string(let text) = value, let subnet = Subnet(text), case .v4 = subnet.base else { return nil }
            return subnet
        }
    }
}

/// Shorter prefixes are rejected, since they would contain the portal or probe hosts.
private let blockPattern = "^(\(octet)\\.){3}\(octet)(/(3[0-2]|[12][0-9]|[89]))?$"

extension Rule where Value == HostName {
    fileprivate static var gardenHost: Rule {
        Rule(
            expected: "a host name such as login.example.com, or *.example.com for all of its subdomains",
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

extension WalledGardenEntry: Pageable, Shaped {
    static let shape = Shape<Self>(
        "WalledGardenEntry",
        [
            .init("id", "The entry's ID.") { $0.id }, .init("name", "The name, shown to admins only.") { $0.name },
            .init("ip_address", "An IPv4 address or a subnet in CIDR notation; null for a host.") {
                $0.destination.address
            },
            .init("host", "A host name; `*.example.com` matches all subdomains. Null for an address.") {
                $0.destination.host
            },
            .init("type", "The purpose of the entry, for information only; null if none.") { $0.kind },
            .init("created_at", "When the entry was created.") { $0.createdAt },
        ])
}

extension WalledGardenEntry.Kind: JSONRepresentable {}

extension WalledGardenRule.Destination {
    /// The subnet in CIDR notation; a single address without a prefix length.
    var address: String? {
        guard case .subnet(let subnet) = self else { return nil }
        return subnet.prefixLength == subnet.base.bitWidth ? subnet.base.description : subnet.description
    }

    var host: String? {
        if case .host(let name) = self { name } else { nil }
    }
}
