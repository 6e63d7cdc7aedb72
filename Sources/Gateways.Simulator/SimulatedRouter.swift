// GatewaySimulator simulates a RouterOS device in memory: its REST interface and its API on real sockets, its hotspot
// and its guests. It refuses commands and arguments that the real command tree does not have, with RouterOS's error
// texts. It must not depend on the portal, its rules or its drivers, so that it can reveal their errors.
//
// Reading order: SimulatedRouter, RouterDevice and its extensions, Menu, MenuCatalog, Table, Query, RouterRefusal,
// CommandTree, RouterDuration, WireJSON, RouterAccount, RouterRelease, RouterFault, CapturedGuestEntry; API/APIService,
// APIClient, APIConversation, APIWords.

package import Foundation
package import HTTPServer
package import Logging
package import NetworkAddress
internal import Synchronization

/// A simulated RouterOS router that listens on sockets. Thread-safe.
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

    /// `listen` is the address of the REST interface; port 0 lets the system choose a port. `api` lists the ports of
    /// the API; empty for none. `now` is the router's clock. Throws if the bundled command tree cannot be read.
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

    /// Starts listening and returns the address of the REST interface. After `stop`, uses the same addresses again.
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

    /// The addresses of the API, in the order of its ports.
    package var apiAddresses: [SocketAddress] { core.withLock { $0.apiPorts.map(\.address) } }

    /// Disconnects the router: closes all connections and stops listening. Keeps the router's state.
    package func stop() async {
        let (server, api) = core.withLock { core in
            defer { (core.server, core.api) = (nil, []) }
            return (core.server, core.api)
        }
        for service in api { await service.stop() }
        await server?.shutdown(grace: .zero)
    }

    /// Closes all API connections.
    func breakConnections() { for service in core.withLock({ $0.api }) { service.breakConnections() } }

    func makeConversation() -> APIConversation {
        core.withLock { core in
            core.apiConnections += 1
            return APIConversation(release: release, account: core.device.account)
        }
    }

    /// Number of API connections since the start.
    package var apiConnections: Int { core.withLock { $0.apiConnections } }

    /// Executes a command with all permissions, as an admin at the console; `command` is in the API's form, such as
    /// `/ip/hotspot/user/add`. Returns the row added or changed, or an empty row; nil if the router refuses.
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

    /// Restarts the router: hosts, sessions and entries with a timeout are lost. For `boot` seconds of its clock, it
    /// responds as a router that has not loaded its configuration.
    package func reboot(boot: TimeInterval = 0) { core.withLock { $0.device.reboot(boot: boot) } }

    /// Lets a device join the guest network with an address.
    package func connect(_ mac: MACAddress, _ ip: IPAddress) {
        core.withLock { $0.device.connect(mac.description, ip.description) }
    }

    /// Lets a device leave the guest network.
    package func disconnect(_ mac: MACAddress) { core.withLock { $0.device.disconnect(mac.description) } }

    /// Whether the device has a session now.
    package func isOnline(_ mac: MACAddress) -> Bool {
        core.withLock { $0.device.isOnline(mac.description) }
    }

    /// Number of current sessions.
    package var onlineCount: Int { core.withLock { $0.device.onlineCount() } }

    /// The rows of a menu, such as `ip/hotspot/user`, as printed by REST.
    package func rows(_ menu: String) -> [[String: String]] { core.withLock { $0.device.printAll(menu) } }

    /// Replaces the account that may use the router's interfaces.
    package func setAccount(_ account: RouterAccount) { core.withLock { $0.device.account = account } }

    /// Sets the maximum number of guests logged in at the same time, as given by a licence; nil for no limit.
    package func setLicence(_ limit: Int?) { core.withLock { $0.device.licence = limit } }

    /// Removes a hotspot user profile.
    package func removeProfile(_ name: String) { core.withLock { $0.device.removeProfile(name) } }

    /// Adds a row to a menu, such as `ip/dhcp-server/network`, as an admin at the router's console.
    package func add(_ menu: String, _ values: [String: String]) { core.withLock { $0.device.add(menu, values) } }

    /// Changes the rows of a menu that match all of `filter`, as an admin at the router's console.
    package func set(_ menu: String, where filter: [String: String] = [:], _ values: [String: String]) {
        core.withLock { $0.device.set(menu, where: filter, values) }
    }

    /// Sets how many seconds the shown clock is ahead of the true one. Sessions do not use the shown clock.
    package func setClock(ahead seconds: TimeInterval) { core.withLock { $0.device.clockAhead = seconds } }

    /// Plans a fault for `times` requests whose method and path begin with `request`, after serving `after` of them.
    package func plan(_ fault: RouterFault, on request: String = "", times: Int = 1, after: Int = 0) {
        core.withLock { $0.faults.append(.init(fault: fault, request: request, left: times, spared: after)) }
    }

    /// Number of planned faults that are not used up.
    package var plannedFaults: Int { core.withLock { $0.faults.count } }

    /// Removes all planned faults.
    package func clearFaults() { core.withLock { $0.faults = [] } }

    /// Number of requests by method and path without ids, such as `POST ip/hotspot/active/login`; includes those
    /// without a response.
    package var counts: [String: Int] { core.withLock { $0.counts } }

    /// The router's name, as shown on its pages.
    package var identity: String { core.withLock { $0.device.identity } }

    /// Executes the call and returns its answer. Returns nil without executing it if a fault is planned for it.
    func answer(_ call: RouterCall) -> RouterAnswer? {
        core.withLock { core in
            guard core.faultIndex(for: call) == nil else { return nil }
            core.count(call)
            return core.device.answer(call)
        }
    }

    /// Returns the planned fault of the call, if any, and its answer if the fault lets it be executed.
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
