internal import Captive
internal import NetworkAddress

/// The sign-in window: a timed entry in an address list to which the router script's rules refer. The router removes
/// the entry when its time is over.
extension RouterOSGateway {
    private static let menu = "ip/firewall/address-list"

    func listWindow(
        of client: GatewayClient, for ttl: Int, before deadline: Deadline
    ) async throws(RouterOSFault) {
        try await checkHost(client, windowHosts)
        let timeout = ["timeout": "\(ttl)s"]
        let values = ["list": Self.windowList, "address": client.ip.description, "comment": Self.mark + "window"]
        do {
            try await requests.add(Self.menu, values.merging(timeout) { $1 }, before: deadline)
        } catch .duplicate(let text) {
            guard let id = try await windowIDs(of: client, before: deadline).first else { throw .definite(.busy(text)) }
            try await requests.set(Self.menu, id: id, timeout, before: deadline)
        } catch .indeterminate(let error) {
            guard let id = try await windowIDs(of: client, before: deadline).first else { throw .definite(error) }
            try await requests.set(Self.menu, id: id, timeout, before: deadline)
        }
    }

    func unlistWindow(of client: GatewayClient, before deadline: Deadline) async throws(RouterOSFault) {
        for id in try await windowIDs(of: client, before: deadline) {
            try await requests.remove(Self.menu, id: id, before: deadline)
        }
    }

    private func windowIDs(of client: GatewayClient, before deadline: Deadline) async throws(RouterOSFault) -> [String]
    {
        try await requests.rows(
            Self.menu, where: ["list": Self.windowList, "address": client.ip.description], fields: [".id"],
            before: deadline
        ).compactMap { $0[".id"] }
    }
}
