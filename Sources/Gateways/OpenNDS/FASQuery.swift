internal import Captive
internal import Foundation
internal import NetworkAddress

/// The parameter `fas` with which openNDS sends a guest to its forwarding authentication service: `name=value` pairs
/// separated by a comma and a space, in base64. At levels 2 and 3 of `fas_secure_enabled` the pairs are encrypted
/// (openNDS manual, "Forwarding Authentication Service"). At levels 1 and 4 nothing proves that openNDS wrote them.
struct FASQuery: Equatable {
    /// The guest's part of the gateway's token: 64 hex digits, secret.
    let hid: String
    let client: GatewayClient
    /// The address that the guest requested.
    let origin: String?
    /// Address and port of openNDS's web server for guests. Nil for a public address: a link must not lead a guest out
    /// of the network.
    let gateway: String?
    /// Whether openNDS encrypted the parameter, so that it cannot be forged.
    let isSealed: Bool

    /// The longest accepted text: twice the longest request line that browsers send, in base64.
    static let maximumLength = 16_384

    /// `iv`: the parameter of that name, which levels 2 and 3 have. Throws `.refused` with the reason, which never
    /// contains the text.
    init(_ fas: String, iv: String? = nil, cipher: FASCipher) throws(GatewayError) {
        guard fas.utf8.count <= Self.maximumLength, var bytes = Self.base64(fas) else {
            throw .refused("the parameter fas is not base64; " + Self.advice)
        }
        if let iv {
            guard let plain = cipher.open(bytes, iv: iv) else {
                throw .refused("the parameter fas cannot be decrypted; set openNDS's faskey to the site's")
            }
            bytes = plain
        }
        let values = Self.values(in: String(streamSafe: bytes))
        guard let hid = values["hid"], hid.utf8.count == 64, hid.allSatisfy(\.isHexDigit) else {
            throw .refused("the parameter fas has no hid; " + Self.advice)
        }
        guard let mac = values["clientmac"].flatMap({ MACAddress($0) }),
            let ip = values["clientip"].flatMap({ IPAddress($0) })
        else { throw .refused("the parameter fas has no clientmac or clientip") }
        self.hid = hid
        isSealed = iv != nil
        client = GatewayClient(mac: mac, ip: ip.unmapped)
        origin = values["originurl"]?.removingPercentEncoding?.streamSafe
        gateway = values["gatewayaddress"].flatMap(Self.localServer)
    }

    private static let advice = "set fas_secure_enabled to 1, 3 or 4, and a faskey"

    // Form decoding turns an unescaped plus sign into a space.
    private static func base64(_ text: String) -> Data? {
        let text = text.replacing(" ", with: "+")
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text + padding)
    }

    /// The first value of each name. openNDS writes its own values before those that a guest can influence.
    private static func values(in text: String) -> [String: String] {
        let pairs = text.components(separatedBy: ", ").compactMap { part -> (String, String)? in
            guard let sign = part.firstIndex(of: "=") else { return nil }
            let value = String(part[part.index(after: sign)...])
            return value == "(null)" || value.isEmpty ? nil : (String(part[..<sign]), value)
        }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func localServer(_ text: String) -> String? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let ip = IPAddress(String(parts[0])), !ip.isPublic,
            let port = UInt16(parts[1], in: 1...65_535)
        else { return nil }
        return "\(ip):\(port)"
    }
}
