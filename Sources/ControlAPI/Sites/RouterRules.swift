import Captive
import Foundation

extension Rule where Value == String {
    /// An origin: scheme, host and port. A slash at the end is dropped.
    static var routerURL: Rule {
        Rule(expected: "an http or https URL with host and, if need be, port, such as https://192.168.88.1") { value in
            guard case .string(let text) = value, text.utf8.count <= 300 else { return nil }
            let origin = text.hasSuffix("/") ? String(text.dropLast()) : text
            guard origin.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLComponents(string: origin),
                let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
                let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil, parts.path.isEmpty,
                parts.query == nil, parts.fragment == nil, parts.port.map((1...65_535).contains) ?? true
            else { return nil }
            return origin
        }
    }

    /// One or more certificates in PEM (RFC 7468); whether they are sound shows when they are used.
    static var certificates: Rule {
        Rule(expected: "a certificate in PEM form, from '-----BEGIN CERTIFICATE-----' on") { value in
            guard case .string(let text) = value, text.utf8.count <= 65_536 else { return nil }
            let blocks = text.split(separator: "-----BEGIN CERTIFICATE-----").dropFirst(text.hasPrefix("-----") ? 0 : 1)
            let isSound = blocks.allSatisfy { block in
                let parts = block.split(separator: "-----END CERTIFICATE-----", omittingEmptySubsequences: false)
                let base64 = parts[0].filter { !$0.isWhitespace }
                return parts.count == 2 && !base64.isEmpty && Data(base64Encoded: base64) != nil
            }
            return !blocks.isEmpty && isSound ? text : nil
        }
    }
}

extension Rule where Value == [UInt8] {
    /// The SHA-256 digest of a certificate; colons between the digits are dropped.
    static var sha256: Rule {
        Rule(expected: "a SHA-256 digest of 64 hexadecimal digits") { value in
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
