import Captive
import Foundation

extension Rule where Value == String {
    /// An origin: scheme, host and port. A slash at the end is dropped.
    static var routerURL: Rule {
        Rule(
            expected: "an http or https URL with host and, if need be, port, such as https://192.168.88.1",
            schema: ["type": "string", "maxLength": 300, "examples": ["https://192.168.88.1"]]
        ) { value in
            guard case .string(let text) = value, text.utf8.count <= 300 else { return nil }
            let origin = text.hasSuffix("/") ? String(text.dropLast()) : text
            guard let parts = URLComponents(string: origin, encodingInvalidCharacters: false),
                ["http", "https"].contains(parts.scheme?.lowercased()), parts.host?.isHost == true,
                parts.user == nil, parts.password == nil, parts.path.isEmpty, parts.query == nil,
                parts.fragment == nil, !origin.hasSuffix(":"), parts.port.map((1...65_535).contains) ?? true
            else { return nil }
            return origin
        }
    }

    /// One or more certificates in PEM (RFC 7468); whether they are sound shows when they are used.
    static var certificates: Rule {
        Rule(
            expected: "a certificate in PEM form, from '-----BEGIN CERTIFICATE-----' on",
            schema: ["type": "string", "maxLength": 65_536]
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
    /// The SHA-256 digest of a certificate; colons between the digits are dropped.
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

extension String {
    /// A name, an IPv4 address or a bracketed IPv6 address, judged by its characters.
    fileprivate var isHost: Bool {
        !isEmpty
            && utf8.allSatisfy {
                $0.isASCIILetter || $0.isASCIIDigit || "-._:[]".utf8.contains($0)
            }
    }
}
