internal import Foundation
internal import NetworkAddress
internal import Synchronization

/// Keeps the addresses of the walled garden's host names in the kernel's sets. Exact names are resolved once a minute.
/// In addition, addresses are read from the DNS responses that this machine's resolver sends to guests. These cover
/// names below a wildcard, and addresses that a service returns to guests but not to the portal.
final class WalledGardenNames: Sendable {
    private struct State {
        var hosts: Set<String> = []
        var log: PacketLog?
        var task: Task<Void, Never>?
    }

    private let table: NftTable
    private let lookup = HostLookup()
    private let state = Mutex(State())

    private static let interval: Duration = .seconds(60)
    /// Seconds for which an address is kept at least: longer than a sign-in, and than the rotation of DNS responses.
    private static let shortestTTL = 900
    private static let longestTTL = 86_400

    init(table: NftTable) { self.table = table }

    deinit {
        state.withLock {
            $0.log?.stop()
            $0.task?.cancel()
        }
    }

    /// Sets the host names, in lower case; `*.` matches all names below one.
    func setHosts(_ hosts: Set<String>) {
        let changed = state.withLock { state in
            defer { state.hosts = hosts }
            return state.hosts != hosts
        }
        if changed { start() }
    }

    private func start() {
        let log = PacketLog(group: table.ruleset.group) { [weak self] packet in self?.receive(packet) }
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
            await add(await lookup.addresses(of: host), of: host, for: Self.shortestTTL)
        }
    }

    private func receive(_ packet: [UInt8]) {
        guard let answer = DNSAnswer(packet: packet) else { return }
        for host in Self.hosts(state.withLock { $0.hosts }, covering: answer.name) {
            let seconds = min(max(answer.ttl, Self.shortestTTL), Self.longestTTL)
            Task { await add(answer.addresses, of: host, for: seconds) }
        }
    }

    /// Returns the elements of `hosts` that match `name`, exactly or by wildcard.
    static func hosts(_ hosts: Set<String>, covering name: String) -> [String] {
        var found = hosts.contains(name) ? [name] : []
        var rest = name[...]
        while let dot = rest.firstIndex(of: ".") {
            rest = rest[rest.index(after: dot)...]
            if hosts.contains("*." + rest) { found.append("*." + rest) }
        }
        return found
    }

    // Does nothing for a name that was removed from the walled garden meanwhile: its set does not exist.
    private func add(_ addresses: [IPAddress], of host: String, for seconds: Int) async {
        guard !addresses.isEmpty else { return }
        await table.tryChange(table.ruleset.addAddresses(addresses, of: host, for: seconds))
    }
}
