internal import Captive
internal import NetworkAddress

/// The parts of a rule in `nft -j` (libnftables-json(5)) that the portal uses.
struct NftRule: Decodable {
    var chain: String
    var comment: String?
    var expr: [Expression]

    struct Expression: Decodable {
        var match: Match?
    }

    struct Match: Decodable {
        var left: Operand
        var right: Value

        init(from decoder: any Decoder) throws {
            let fields = try decoder.container(keyedBy: CodingKeys.self)
            left = (try? fields.decode(Operand.self, forKey: .left)) ?? Operand()
            right = (try? fields.decode(Value.self, forKey: .right)) ?? .other
        }

        enum CodingKeys: CodingKey { case left, right }
    }

    struct Operand: Decodable {
        struct Payload: Decodable {
            var field: String?
        }

        var payload: Payload?
    }

    /// The value with which a field is compared.
    enum Value: Decodable {
        case text(String)
        case number(UInt16)
        case block(Subnet)
        case other

        private struct Block: Decodable {
            struct Prefix: Decodable {
                var addr: String
                // Safe because `Subnet` validates it.
                var len: Int
            }

            var prefix: Prefix
        }

        init(from decoder: any Decoder) throws {
            let single = try decoder.singleValueContainer()
            if let text = try? single.decode(String.self) {
                self = .text(text)
                // Safe because nothing is computed from a port.
            } else if let number = try? single.decode(UInt16.self) {
                self = .number(number)
            } else if let prefix = try? single.decode(Block.self).prefix,
                let subnet = Subnet("\(prefix.addr)/\(prefix.len)")
            {
                self = .block(subnet)
            } else {
                self = .other
            }
        }
    }

    /// The walled garden rule that this rule implements; nil for any other rule.
    var gardenRule: WalledGardenRule? {
        var destination: WalledGardenRule.Destination?
        var port: UInt16?
        for match in expr.compactMap(\.match) {
            switch (match.left.payload?.field, match.right) {
            case ("daddr", .block(let subnet)): destination = .subnet(subnet)
            case ("daddr", .text(let text)):
                destination = NftRuleset.host(ofSet: text).map { .host($0) } ?? Subnet(text).map { .subnet($0) }
            case ("dport", .number(let number)): port = number
            default: return nil
            }
        }
        return destination.map { WalledGardenRule($0, port: port) }
    }
}
