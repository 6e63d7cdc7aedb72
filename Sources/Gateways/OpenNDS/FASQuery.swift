internal import Captive
internal import Foundation
internal import NetworkAddress

/// What openNDS puts into `fas` when it sends a guest to its forwarding authentication service: `name=value` pairs with
/// a comma and a space between them, in base64; at the levels 2 and 3 of `fas_secure_enabled` encrypted before (openNDS
/// manual, "Forwarding Authentication Service"). At the levels 1 and 4 nothing says that openNDS wrote it.
struct FASQuery: Equatable {
    /// The guest's secret share of the gateway's token: 64 hex digits.
    let hid: String
    let client: GatewayClient
    /// Where the guest was going.
    let origin: String?
    /// openNDS's own web server, as guests reach it: address and port. Nil where none can be, such as on the Internet:
    /// a link must not lead a guest away from the network.
    let gateway: String?
    /// Whether openNDS encrypted it, so that it is not made up.
    let isSealed: Bool

    /// Longest text taken: twice the longest request line that browsers send, in base64.
    static let maximumLength = 16_384

    /// `iv` is the field of that name, which the levels 2 and 3 have. Throws `.refused` with what is wrong in it; the
    /// text itself is never repeated.
    init(_ fas: String, iv: String? = nil, cipher: FASCipher) throws(GatewayError) {
        guard fas.utf8.count <= Self.maximumLength, var bytes = Self.base64(fas) else {
            throw .refused("the field fas is not base64; " + Self.advice)
        }
        if let iv {
            guard let plain = cipher.open(bytes, iv: iv) else {
                throw .refused("the field fas does not open with the site's faskey; set openNDS's to the same")
            }
            bytes = plain
        }
        let values = Self.values(in: String(streamSafe: bytes))
        guard let hid = values["hid"], hid.utf8.count == 64, hid.allSatisfy(\.isHexDigit) else {
            throw .refused("the field fas has no hid; " + Self.advice)
        }
        guard let mac = values["clientmac"].flatMap({ MACAddress($0) }),
            let ip = values["clientip"].flatMap({ IPAddress($0) })
        else { throw .refused("the field fas names no device") }
        self.hid = hid
        isSealed = iv != nil
        client = GatewayClient(mac: mac, ip: ip.unmapped)
        origin = values["originurl"]?.removingPercentEncoding?.streamSafe
        gateway = values["gatewayaddress"].flatMap(Self.localServer)
    }

    private static let advice = "set fas_secure_enabled to 1, 3 or 4, and a faskey"

    // A plus sign that was not escaped has become a space on its way.
    private static func base64(_ text: String) -> Data? {
        let text = text.replacing(" ", with: "+")
        let padding = String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        return Data(base64Encoded: text + padding)
    }

    /// The first value of each name: what openNDS writes first, a guest's own address line cannot replace.
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
