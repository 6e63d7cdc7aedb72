import Captive
import Foundation

extension Rule where Value == String {
    /// An http or https origin: scheme, host and port. A trailing slash is removed.
    static var routerURL: Rule { origin(restPattern, "http or https", "https://192.168.88.1") }

    /// An origin of the RouterOS API; the schemes are the names of the RouterOS services.
    static var routerAPIURL: Rule { origin(apiPattern, "api-ssl or api", "api-ssl://192.168.88.1") }

    private static func origin(_ pattern: Pattern, _ schemes: String, _ example: String) -> Rule {
        let origin = Rule.matching(
            pattern, atMost: 300, examples: [example],
            expected: "a URL with the scheme \(schemes), a host and an optional port, such as \(example)")
        return Rule(expected: origin.expected, schema: origin.schema) { value in
            origin.read(value).map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        }
    }

    /// One or more certificates in PEM (RFC 7468). The certificates are parsed when they are used.
    static var certificates: Rule {
        Rule(
            expected: "a PEM certificate, beginning with '-----BEGIN CERTIFICATE-----'",
            schema: ["type": "string", "maxLength": 65_536, "pattern": .string(certificatesPattern)]
        ) { value in
            guard case .string(let text) = value, text.utf8.count <= 65_536 else { return nil }
            let blocks = text.split(separator: "-----BEGIN CERTIFICATE-----")
            let isSound = blocks.allSatisfy { block in
                let parts = block.split(separator: "-----END CERTIFICATE-----", omittingEmptySubsequences: false)
                let base64 = parts[0].filter { !$0.isWhitespace }
                return parts.count == 2 && !base64.isEmpty && Data(base64Encoded: base64) != nil
                    && parts[1].allSatisfy(\.isWhitespace)
            }
            return !blocks.isEmpty && isSound ? text : nil
        }
    }
}

extension Rule where Value == [UInt8] {
    /// The SHA-256 digest of a certificate. Colons between the digits are ignored.
    static var sha256: Rule {
        Rule(
            expected: "a SHA-256 digest of 64 hexadecimal digits",
            schema: ["type": "string", "pattern": "^(:*[0-9A-Fa-f]:*){64}$"]
        ) { value in
            guard case .string(let text) = value else { return nil }
            let digits = text.utf8.filter { $0 != UInt8(ascii: ":") }.map {
                Character(Unicode.Scalar($0)).hexDigitValue
            }
            let nibbles = digits.compactMap { $0 }
            guard digits.count == 64, nibbles.count == 64 else { return nil }
            return stride(from: 0, to: 64, by: 2).map { UInt8(nibbles[$0] << 4 | nibbles[$0 + 1]) }
        }
    }
}

private let restPattern = Pattern("[Hh][Tt][Tt][Pp][Ss]?" + authority)
private let apiPattern = Pattern("[Aa][Pp][Ii](-[Ss][Ss][Ll])?" + authority)

/// The host is a name, an IPv4 address or a bracketed IPv6 address, of which only the characters are checked. The port
/// is 1 to 65535.
private let authority = #"://([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:"# + port + ")?/?"

private let certificatesPattern =
    "^(-----BEGIN CERTIFICATE-----((\\s*[A-Za-z0-9+/]){4})*"
    + "((\\s*[A-Za-z0-9+/]){4}|(\\s*[A-Za-z0-9+/]){3}\\s*=|(\\s*[A-Za-z0-9+/]){2}\\s*=\\s*=)\\s*"
    + "-----END CERTIFICATE-----\\s*)+$"
