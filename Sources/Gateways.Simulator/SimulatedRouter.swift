// GatewaySimulator owns a RouterOS device made of memory: its REST interface and its API on real sockets, its hotspot,
// and guests that join it. It refuses what the real command tree does not know, in the router's own words. It must not
// know the portal, its rules or its drivers, so that it can prove them wrong.
//
// Reading order: SimulatedRouter, RouterDevice and its extensions, Menu, MenuCatalog, Table, Query, RouterRefusal,
// CommandTree, RouterDuration, WireJSON, RouterAccount, RouterRelease, RouterFault, CapturedGuestEntry; API/APIService,
// APIClient, APIConversation, APIWords.

package import Foundation
package import HTTPServer
package import Logging
package import NetworkAddress
internal import Synchronization

/// A simulated RouterOS router that listens on a socket. Every function may be called from any thread.
package final class SimulatedRouter: Sendable {
    struct Core {
        var device: RouterDevice
        var faults: [RouterFault.Planned] = []
        var counts: [String: Int] = [:]
        var server: Server?
        var address: SocketAddress
        var api: [APIService] = []
        var apiPorts: [APIPort]
        var apiConnections = 0
    }

    private let core: Mutex<Core>
    private let tls: Server.TLSConfiguration?
    private let logger: Logger
    let release: RouterRelease

    /// `listen`: where its web service will listen; port 0 lets the system choose. `api`: where its API will, if
    /// anywhere. `now` is the router's clock.
    /// Throws if the command trees that it ships with cannot be read.
    package init(
        listen: SocketAddress, account: RouterAccount, identity: String = "MikroTik",
        tls: Server.TLSConfiguration? = nil, api: [APIPort] = [], release: RouterRelease = .v7_16, logger: Logger,
        now: @escaping @Sendable () -> Date = { Date() }
    ) throws {
        let device = RouterDevice(
            tree: try CommandTree.shipped.get(), account: account, identity: identity, version: release.description,
            now: now)
        core = Mutex(Core(device: device, address: listen, apiPorts: api))
        self.release = release
        self.tls = tls
        self.logger = logger
    }

    /// Begins to answer; returns where. After `stop` it listens at the same address again.
    @discardableResult
    package func start() throws -> SocketAddress {
        let wanted = core.withLock { $0.address }
        let configuration = Server.Configuration(listeners: [.init(address: wanted, tls: tls)], loops: 1)
        let server = Server(configuration: configuration, responder: RouterResponder(router: self), logger: logger)
        let bound = try server.start()[0]
        core.withLock { ($0.server, $0.address) = (server, bound) }
        let services = try core.withLock { $0.apiPorts }.map { port in
            try APIService(port) { socket in
                var client = APIClient(router: self, socket: socket)
                client.serve()
            }
        }
        core.withLock { core in
            core.api = services
            for (index, service) in services.enumerated() { core.apiPorts[index].address = service.address }
        }
        return bound
    }

    /// Where the API listens, in the order of its ports.
    package var apiAddresses: [SocketAddress] { core.withLock { $0.apiPorts.map(\.address) } }

    /// Switches the router's network off: connections break, new ones are refused. Its memory stays.
    package func stop() async {
        let (server, api) = core.withLock { core in
            defer { (core.server, core.api) = (nil, []) }
            return (core.server, core.api)
        }
        for service in api { await service.stop() }
        await server?.shutdown(grace: .zero)
    }

    /// All connections to the API break.
    func breakConnections() { for service in core.withLock({ $0.api }) { service.breakConnections() } }

    func makeConversation() -> APIConversation {
        core.withLock { core in
            core.apiConnections += 1
            return APIConversation(release: release, account: core.device.account)
        }
    }

    /// Connections to the API so far.
    package var apiConnections: Int { core.withLock { $0.apiConnections } }

    /// Does what an admin at the console does, whom nothing is refused: `command` as the API writes it, such as
    /// `/ip/hotspot/user/add`. Returns the row that was added or changed, if there is one; nil if the router refuses.
    @discardableResult
    package func runCommand(_ command: String, _ values: [String: String]) -> [String: String]? {
        let call = RouterCall(command: command, values.mapValues { .text($0) }, caller: .console)
        return core.withLock { core in
            switch core.device.answer(call).content {
            case .row(let row): row
            case .refusal: nil
            default: [:]
            }
        }
    }

    /// As a power cycle: guests, sessions, cookies' hosts and timed entries are gone, and for `boot` seconds of its
    /// clock it answers before it knows anything.
    package func reboot(boot: TimeInterval = 0) { core.withLock { $0.device.reboot(boot: boot) } }

    /// A device joins the guest network with an address.
    package func connect(_ mac: MACAddress, _ ip: IPAddress) {
        core.withLock { $0.device.connect(mac.description, ip.description) }
    }

    /// A device leaves.
    package func disconnect(_ mac: MACAddress) { core.withLock { $0.device.disconnect(mac.description) } }

    /// True if the device may use the network now.
    package func isOnline(_ mac: MACAddress) -> Bool {
        core.withLock { $0.device.isOnline(mac.description) }
    }

    /// How many devices may use the network now.
    package var onlineCount: Int { core.withLock { $0.device.onlineCount() } }

    /// The rows of a menu, for example `ip/hotspot/user`, as REST prints them.
    package func rows(_ menu: String) -> [[String: String]] { core.withLock { $0.device.printAll(menu) } }

    /// Changes the account that may use the interface.
    package func setAccount(_ account: RouterAccount) { core.withLock { $0.device.account = account } }

    /// Most guests that may be logged in at a time, as a licence limits them; nil for no limit.
    package func setLicence(_ limit: Int?) { core.withLock { $0.device.licence = limit } }

    /// Removes a hotspot user profile, as an admin might by accident.
    package func removeProfile(_ name: String) { core.withLock { $0.device.removeProfile(name) } }

    /// Adds a row to a menu, for example `ip/dhcp-server/network`, as an admin does at the router's console.
    package func add(_ menu: String, _ values: [String: String]) { core.withLock { $0.device.add(menu, values) } }

    /// Changes the rows of a menu that hold all of `filter`, as an admin does at the router's console.
    package func set(_ menu: String, where filter: [String: String] = [:], _ values: [String: String]) {
        core.withLock { $0.device.set(menu, where: filter, values) }
    }

    /// Sets the clock that it shows, by seconds ahead of its true one; nothing else goes by it.
    package func setClock(ahead seconds: TimeInterval) { core.withLock { $0.device.clockAhead = seconds } }

    /// Makes requests go wrong: those whose method and path begin with `request`,
    /// after as many of them as `after` says.
    package func plan(_ fault: RouterFault, on request: String = "", times: Int = 1, after: Int = 0) {
        core.withLock { $0.faults.append(.init(fault: fault, request: request, left: times, spared: after)) }
    }

    /// Planned faults that have not come about.
    package var plannedFaults: Int { core.withLock { $0.faults.count } }

    /// Nothing goes wrong any more.
    package func clearFaults() { core.withLock { $0.faults = [] } }

    /// Requests answered or swallowed so far, by method and path, ids left out: `POST ip/hotspot/active/login`.
    package var counts: [String: Int] { core.withLock { $0.counts } }

    /// The router's name, as its pages show it.
    package var identity: String { core.withLock { $0.device.identity } }

    /// The answer; nil, and nothing done, if something is planned to go wrong with the request.
    func answer(_ call: RouterCall) -> RouterAnswer? {
        core.withLock { core in
            guard core.faultIndex(for: call) == nil else { return nil }
            core.count(call)
            return core.device.answer(call)
        }
    }

    /// What goes wrong with the request, and the answer if the work is to be done.
    func answerWithFault(_ call: RouterCall) -> (fault: RouterFault?, answer: RouterAnswer?) {
        core.withLock { core in
            core.count(call)
            let fault = core.takeFault(for: call)
            let answer = fault?.doesTheWork ?? true ? core.device.answer(call) : nil
            if case .reboot(_, let boot) = fault { core.device.restartWithGuests(boot: boot) }
            return (fault, answer)
        }
    }
}

extension SimulatedRouter.Core {
    fileprivate mutating func count(_ call: RouterCall) { counts[call.name, default: 0] += 1 }

    fileprivate func faultIndex(for call: RouterCall) -> Int? {
        faults.isEmpty ? nil : faults.firstIndex { call.name.hasPrefix($0.request) }
    }

    fileprivate mutating func takeFault(for call: RouterCall) -> RouterFault? {
        guard let index = faultIndex(for: call) else { return nil }
        guard faults[index].spared == 0 else {
            faults[index].spared -= 1
            return nil
        }
        let fault = faults[index].fault
        faults[index].left -= 1
        if faults[index].left == 0 { faults.remove(at: index) }
        return fault
    }
}
