internal import Captive
internal import Foundation
internal import NetworkAddress

/// A device as `ndsctl json` prints it.
struct NdsClient: Equatable {
    var client: GatewayClient
    var isOnline: Bool
    /// The custom string that was passed to `ndsctl auth`.
    var custom: String
    /// Seconds since 1970; nil for no end.
    var endsAt: Int?

    /// The custom string of devices that the portal authorized.
    static let mark = "portico"

    var isMarked: Bool { isOnline && custom == Self.mark }

    /// Reads the output of `ndsctl json` or `ndsctl json ADDRESS`. Returns nil for anything else.
    static func all(in json: [UInt8]) -> [NdsClient]? {
        let (decoder, document) = (JSONDecoder(), Data(json.streamSafeJSON))
        if let list = try? decoder.decode(List.self, from: document) {
            return list.clients.values.compactMap(\.client)
        }
        guard let row = try? decoder.decode(Row.self, from: document) else { return nil }
        return row.client.map { [$0] } ?? []
    }

    private struct List: Decodable {
        var clients: [String: Row]
    }

    // openNDS writes numbers as strings.
    private struct Row: Decodable {
        /// The end of the year 9999.
        private static let lastMoment = 253_402_300_799

        var mac: String?
        var ip: String?
        var state: String?
        var custom: String?
        var session_end: String?

        var client: NdsClient? {
            guard let mac = mac.flatMap({ MACAddress($0) }), let ip = ip.flatMap({ IPAddress($0) }) else { return nil }
            return NdsClient(
                client: GatewayClient(mac: mac, ip: ip), isOnline: state == "Authenticated", custom: custom ?? "",
                endsAt: session_end.flatMap { Int($0, in: 1...Self.lastMoment) })
        }
    }
}
