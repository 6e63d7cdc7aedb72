internal import Foundation
internal import NetworkAddress
internal import Synchronization

/// Keeps the addresses of the garden's names in the kernel's sets. Exact names are asked for once a minute. What guests
/// are told of a name by this machine's resolver is learned from its answers: that covers names below a wildcard, and
/// the addresses that a service gives to this guest and not to the portal.
final class GardenNames: Sendable {
    private struct State {
        var hosts: Set<String> = []
        var log: PacketLog?
        var task: Task<Void, Never>?
    }

    private let table: NftTable
    private let lookup = HostLookup()
    private let state = Mutex(State())

    private static let interval: Duration = .seconds(60)
    /// Seconds that an address stays at least: longer than a guest signs in, and than a service's answers take turns.
    private static let stay = 900
    private static let longestStay = 86_400

    init(table: NftTable) { self.table = table }

    deinit {
        state.withLock {
            $0.log?.stop()
            $0.task?.cancel()
        }
    }

    /// Exactly `hosts` are kept from now on, names in lower case, `*.` for all below one.
    func keep(_ hosts: Set<String>) {
        let changed = state.withLock { state in
            defer { state.hosts = hosts }
            return state.hosts != hosts
        }
        if changed { start() }
    }

    private func start() {
        let log = PacketLog(group: table.ruleset.group) { [weak self] packet in self?.hear(packet) }
        let task = Task { [weak self] in
            while !Task.isCancelled {
                await self?.refresh()
                guard (try? await Task.sleep(for: Self.interval)) != nil else { return }
            }
        }
        state.withLock { state in
            state.log?.stop()
            state.task?.cancel()
            (state.log, state.task) = (log, task)
        }
    }

    private func refresh() async {
        for host in state.withLock({ $0.hosts }).sorted() where !host.hasPrefix("*.") {
            await learn(await lookup.addresses(of: host), of: host, for: Self.stay)
        }
    }

    private func hear(_ packet: [UInt8]) {
        guard let answer = DNSAnswer(packet: packet) else { return }
        for host in Self.hosts(state.withLock { $0.hosts }, covering: answer.name) {
            let seconds = min(max(answer.ttl, Self.stay), Self.longestStay)
            Task { await learn(answer.addresses, of: host, for: seconds) }
        }
    }

    /// Those of `hosts` that `name` is, or is below of.
    static func hosts(_ hosts: Set<String>, covering name: String) -> [String] {
        var found = hosts.contains(name) ? [name] : []
        var rest = name[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            if hosts.contains("*." + rest) { found.append("*." + rest) }
        }
        return found
    }

    // A name that has left the garden meanwhile has no set: what was learned of it is of no use.
    private func learn(_ addresses: [IPAddress], of host: String, for seconds: Int) async {
        guard !addresses.isEmpty else { return }
        await table.note(table.ruleset.learn(addresses, of: host, for: seconds))
    }
}
