internal import Captive
internal import Foundation
internal import NetworkAddress
internal import Synchronization

/// An openNDS gateway on another machine, which the portal cannot call. At levels 3 and 4 its daemon authmon polls the
/// portal for devices to authorize, each with a duration. At levels 1 and 2 the portal redirects the guest's browser to
/// openNDS with a token, and openNDS's option sessiontimeout sets the duration. Neither can end a session early.
final class RemoteOpenNDS: Sendable {
    private struct State {
        var list = AuthList()
        /// Devices whose browsers were redirected to openNDS with a token.
        var redirected = RecentEntries<MACAddress, Void>(lifetime: 600)
        /// Devices that openNDS has intercepted, according to requests that may be forged.
        var intercepted = RecentEntries<MACAddress, Void>(lifetime: 600)
        /// The authentication URLs issued to each session, with the time of issue.
        var issuedURLs = RecentEntries<UUID, [String: Date]>(lifetime: RemoteOpenNDS.hour)
        /// The level of the latest intercepted guest.
        var level: FASLevel?
        /// The time of authmon's last poll.
        var polledAt: Date?
        var hasCalled = false
        /// When openNDS started; at that time it has no authorized devices.
        var start: Date
        /// The time of the last accepted report of a start.
        var clearedAt: Date?
        /// When the running sessions were last read.
        var readAt: Date?
    }

    let cipher: FASCipher
    private let siteID: UUID
    private let context: GatewayContext
    private let now: WallClock
    private let state: Mutex<State>
    private let waiters: Waiters<MACAddress>

    /// Below the limit of 10 s for a gateway call. Authmon polls at least every 10 s (option
    /// nat_traversal_poll_interval).
    private static let confirmationTimeout = Duration.seconds(8)
    /// Seconds without a poll after which authmon counts as stopped. It polls at least once a minute.
    private static let pollTimeout: TimeInterval = 90
    /// Minimum seconds between two reads of the running sessions.
    private static let readInterval: TimeInterval = 15
    /// Minimum seconds between two accepted reports of a start, because reports can be forged.
    private static let restartInterval: TimeInterval = 60
    /// Authentication URLs issued to a session per hour. A device needs a new one after openNDS has removed it.
    private static let mostURLs = 3
    private static let hour: TimeInterval = 3_600

    init(
        siteID: UUID, key: Secret, context: GatewayContext, now: @escaping WallClock,
        sleep: @escaping Reconciler.Sleep = { try await Task.sleep(for: $0) }
    ) {
        self.siteID = siteID
        cipher = FASCipher(key: key)
        self.context = context
        self.now = now
        state = Mutex(State(start: now()))
        waiters = Waiters(sleep: sleep)
    }

    /// Whether authmon has polled, or an intercepted guest has arrived, since the portal started.
    var hasCalled: Bool { state.withLock { $0.hasCalled } }

    func authURLs(for query: FASQuery, isSecure: Bool) -> ClientAuthURLs {
        guard let gateway = query.gateway else { return ClientAuthURLs() }
        let authenticate = "http://\(gateway)/opennds_auth/?tok=\(cipher.token(for: query.hid))&redir="
        return ClientAuthURLs(
            authenticate: isSecure ? nil : authenticate, deauthenticate: "http://\(gateway)/opennds_deny/")
    }

    func expect(_ client: GatewayClient) {
        let time = now()
        state.withLock { $0.redirected.set((), for: client.mac, at: time) }
    }

    func wait(before url: String, of sessionID: UUID) -> Int? {
        let time = now()
        return state.withLock { state in
            var issued = state.issuedURLs.value(for: sessionID, at: time) ?? [:]
            issued = issued.filter { time.timeIntervalSince($0.value) < Self.hour }
            if issued[url] == nil, issued.count >= Self.mostURLs, let first = issued.values.min() {
                return max(1, Int(saturating: (Self.hour - time.timeIntervalSince(first)).rounded(.up)))
            }
            issued[url] = issued[url] ?? time
            state.issuedURLs.set(issued, for: sessionID, at: time)
            return nil
        }
    }

    /// Records that openNDS has intercepted the guest, so that it does not authorize the guest any more. Throws
    /// `.refused` for unencrypted parameters from a gateway that has encrypted them before, because they are forged.
    func recordIntercept(_ query: FASQuery, isSecure: Bool) throws(GatewayError) {
        let (time, level) = (now(), FASLevel(isSealed: query.isSealed, isSecure: isSecure))
        let isForged = state.withLock { state in
            if state.level?.isSealed == true, !query.isSealed { return true }
            (state.hasCalled, state.level) = (true, level)
            state.intercepted.set((), for: query.client.mac, at: time)
            state.list.markLost(query.client.mac, isProved: query.isSealed, at: time)
            return false
        }
        guard !isForged else {
            throw .refused(
                "the parameter fas is not encrypted, although it was before (fas_secure_enabled 2 or 3); if you have "
                    + "lowered that level, save the site again")
        }
    }

    /// Whether openNDS has intercepted the guest since its last authorization. If not, the guest is not offered for
    /// some time, so that an admin can disconnect it at openNDS.
    func hasIntercepted(_ client: GatewayClient) -> Bool {
        let time = now()
        return state.withLock { state in
            if state.intercepted.value(for: client.mac, at: time) != nil { return true }
            state.list.withhold(client.mac, at: time)
            return false
        }
    }
}

extension RemoteOpenNDS: Gateway {
    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        let time = now()
        let isAuthorized = state.withLock { state in
            state.intercepted.remove(client.mac)
            if state.redirected.value(for: client.mac, at: time) != nil { return true }
            state.list.request(client.mac, until: time.addingTimeInterval(Double(ttl)), at: time)
            return state.list.isHeld(client.mac, at: time)
        }
        if isAuthorized { return }
        let isReported = await waiters.wait(for: client.mac, atMost: Self.confirmationTimeout) {
            !self.isHeld(client.mac)
        }
        guard !isReported else { return }
        let isDeclined = state.withLock { $0.list.isDeclined(client.mac) }
        if isDeclined, !isSilent(at: now()) { throw .deviceNotSeen }
        throw .busy("openNDS has not polled for the guest (authmon, with fas_secure_enabled 3 or 4)")
    }

    private func isHeld(_ mac: MACAddress) -> Bool {
        let time = now()
        return state.withLock { $0.list.isHeld(mac, at: time) }
    }

    func revoke(_ client: GatewayClient) async throws(GatewayError) {
        let time = now()
        let isOff = state.withLock { state in
            state.redirected.remove(client.mac)
            return state.list.remove(client.mac, at: time)
        }
        if !isOff { throw .refused("openNDS on another machine cannot end a session early") }
    }

    /// Does nothing: openNDS has a static walled garden.
    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}

    func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}

    /// Ignores rules with a port: only the portal's own rule has one, and openNDS opens the portal itself.
    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {
        let names = Set(rules.filter { $0.port == nil }.map(\.destination.text)).sorted()
        if names.isEmpty { return }
        throw .refused(
            "openNDS on another machine does not report its walled garden; it needs in walledgarden_fqdn_list: "
                + names.joined(separator: " "))
    }

    func walledGarden() async throws(GatewayError) -> [WalledGardenRule] {
        let rules = try await context.desiredWalledGarden(siteID)
        try await apply(rules)
        return rules
    }

    /// The running sessions in the database: openNDS cannot be queried. After a restart it gets the list again with its
    /// next poll.
    func list() async throws(GatewayError) -> [GatewayEntry] {
        do { return try await context.runningGuests(siteID) } catch {
            throw .busy("the database cannot be read")
        }
    }

    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        throw .unsupported("openNDS on another machine does not report the addresses of devices")
    }

    func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool {
        throw .unsupported("openNDS on another machine does not report the devices that it authorizes")
    }

    func health() async -> GatewayHealth {
        let time = now()
        return state.withLock { state in
            var health = GatewayHealth(uptime: Int(saturating: time.timeIntervalSince(state.start)))
            health.warnings = state.level?.limit.map { [$0] } ?? []
            if let polledAt = state.polledAt, time.timeIntervalSince(polledAt) > Self.pollTimeout {
                let seconds = Int(saturating: time.timeIntervalSince(polledAt))
                health.problem = .unreachable("openNDS has not polled for \(seconds) s; check the log of its authmon")
            }
            return health
        }
    }

    private func isSilent(at time: Date) -> Bool {
        state.withLock { $0.polledAt.map { time.timeIntervalSince($0) > Self.pollTimeout } ?? true }
    }
}

extension RemoteOpenNDS {
    /// The response to a request of authmon or another script of openNDS: `auth_get` is the command, `payload` its
    /// argument in base64 (openNDS, fas-aes-https.php). Returns nil for any other request.
    func pollResponse(to field: @Sendable (String) -> String?) async -> String? {
        guard let command = field("auth_get") else { return nil }
        let payload = field("payload").flatMap { Data(base64Encoded: $0) } ?? Data()
        let argument = String(streamSafe: payload.prefix(Self.longestPayload))
        let time = now()
        state.withLock { ($0.polledAt, $0.hasCalled) = (time, true) }
        switch command {
        case "view" where argument == "none", "list":
            await readSessions()
            return state.withLock { $0.list.offer(at: time) }
        case "view": recordReport(argument)
        case "clear": restart()
        default: break
        }
        return "ack"
    }

    private static let longestPayload = 4_096

    /// Reads a report: an asterisk and the devices that openNDS has authorized.
    private func recordReport(_ report: String) {
        let macs = report.split(whereSeparator: \.isWhitespace).compactMap { MACAddress(String($0)) }
        let time = now()
        let held = state.withLock { state in
            state.list.recordReport(macs)
            return macs.filter { state.list.isHeld($0, at: time) }
        }
        held.forEach(waiters.release)
    }

    /// openNDS has started and has no authorized devices.
    private func restart() {
        let time = now()
        state.withLock { state in
            if let clearedAt = state.clearedAt, abs(time.timeIntervalSince(clearedAt)) < Self.restartInterval { return }
            (state.clearedAt, state.start, state.readAt) = (time, time, nil)
            state.list.clearHeld()
        }
    }

    /// Reads the running sessions from the database, which include those of other nodes and of earlier runs.
    private func readSessions() async {
        let time = now()
        let isDue = state.withLock { state in
            if let readAt = state.readAt, abs(time.timeIntervalSince(readAt)) < Self.readInterval { return false }
            state.readAt = time
            return true
        }
        guard isDue, let running = try? await context.runningGuests(siteID) else { return }
        state.withLock { state in
            state.list.update(
                running: running.map { ($0.mac, time.addingTimeInterval(Double($0.secondsLeft ?? 0))) }, at: time)
        }
    }
}
