internal import Captive
internal import Foundation
internal import NetworkAddress
internal import Synchronization

/// An openNDS gateway on another machine. It cannot be reached from here: at the levels 3 and 4 its daemon authmon asks
/// whom to let through, and for how long; at the levels 1 and 2 the guest's own browser brings it the portal's word,
/// and its option sessiontimeout says for how long. Neither way can end a stay before its time.
final class RemoteOpenNDS: Sendable {
    private struct State {
        var list = AuthList()
        /// Guests whose browsers bring the portal's word, and those whom openNDS caught, or somebody in its name.
        var sent = RecentEntries<MACAddress, Void>(life: 600)
        var caught = RecentEntries<MACAddress, Void>(life: 600)
        /// The entrances that sessions were given, each with when that was.
        var entrances = RecentEntries<UUID, [String: Date]>(life: RemoteOpenNDS.hour)
        /// How openNDS sends its guests, by the latest of them.
        var level: FASLevel?
        /// When authmon asked last.
        var askedAt: Date?
        var isHeardOf = false
        /// When it forgot everybody.
        var start: Date
        /// When openNDS last said that it has started, as far as it counted.
        var clearedAt: Date?
        /// When the running sessions were read.
        var readAt: Date?
    }

    let cipher: FASCipher
    private let siteID: UUID
    private let surroundings: GatewaySurroundings
    private let now: WallClock
    private let state: Mutex<State>
    private let waiters: Waiters<MACAddress>

    /// A call ends in less than 10 s; authmon asks every 10 s or oftener (its option nat_traversal_poll_interval).
    private static let patience = Duration.seconds(8)
    /// Seconds after which authmon is taken to be gone: it asks at least once a minute.
    private static let silence: TimeInterval = 90
    /// Seconds between two readings of the running sessions, however often somebody asks.
    private static let rereading: TimeInterval = 15
    /// Seconds between two starts of openNDS that are believed: anybody can say that it has started.
    private static let restarting: TimeInterval = 60
    /// Entrances that a session is given in an hour. A device needs another after openNDS has forgotten it.
    private static let mostEntrances = 3
    private static let hour: TimeInterval = 3_600

    init(
        siteID: UUID, key: Secret, surroundings: GatewaySurroundings, now: @escaping WallClock,
        sleep: @escaping Reconciler.Sleep = { try await Task.sleep(for: $0) }
    ) {
        self.siteID = siteID
        cipher = FASCipher(key: key)
        self.surroundings = surroundings
        self.now = now
        state = Mutex(State(start: now()))
        waiters = Waiters(sleep: sleep)
    }

    /// Whether it has asked, or a guest was sent here by it, since the portal started.
    var isHeardOf: Bool { state.withLock { $0.isHeardOf } }

    func doors(for query: FASQuery, isSecure: Bool) -> GatewayDoors {
        guard let gateway = query.gateway else { return GatewayDoors() }
        let entrance = "http://\(gateway)/opennds_auth/?tok=\(cipher.pass(for: query.hid))&redir="
        return GatewayDoors(entrance: isSecure ? nil : entrance, exit: "http://\(gateway)/opennds_deny/")
    }

    func expect(_ client: GatewayClient) {
        let time = now()
        state.withLock { $0.sent.keep((), for: client.mac, at: time) }
    }

    func wait(before entrance: String, of sessionID: UUID) -> Int? {
        let time = now()
        return state.withLock { state in
            var given = state.entrances.value(for: sessionID, at: time) ?? [:]
            given = given.filter { time.timeIntervalSince($0.value) < Self.hour }
            if given[entrance] == nil, given.count >= Self.mostEntrances, let first = given.values.min() {
                return max(1, Int(saturating: (Self.hour - time.timeIntervalSince(first)).rounded(.up)))
            }
            given[entrance] = given[entrance] ?? time
            state.entrances.keep(given, for: sessionID, at: time)
            return nil
        }
    }

    /// openNDS has sent the guest here, whom it does not let through any more if it did before. Throws `.refused` for
    /// fields in clear from a gateway that has encrypted them before: somebody else wrote those.
    func `catch`(_ query: FASQuery, isSecure: Bool) throws(GatewayError) {
        let (time, level) = (now(), FASLevel(isSealed: query.isSealed, isSecure: isSecure))
        let isForged = state.withLock { state in
            if state.level?.isSealed == true, !query.isSealed { return true }
            (state.isHeardOf, state.level) = (true, level)
            state.caught.keep((), for: query.client.mac, at: time)
            state.list.lose(query.client.mac, isProved: query.isSealed, at: time)
            return false
        }
        guard !isForged else {
            throw .refused(
                "the field fas is not encrypted, as it was before (fas_secure_enabled 2 or 3); if you have lowered that "
                    + "level, save the site once more")
        }
    }

    /// Whether openNDS has caught the guest since it was to let it through. If not, it is not offered for some time:
    /// somebody wants to cut it off at openNDS, which must not be told to let it through again.
    func hasCaught(_ client: GatewayClient) -> Bool {
        let time = now()
        return state.withLock { state in
            if state.caught.value(for: client.mac, at: time) != nil { return true }
            state.list.withhold(client.mac, at: time)
            return false
        }
    }
}

extension RemoteOpenNDS: Gateway {
    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {
        let time = now()
        let isThrough = state.withLock { state in
            state.caught.forget(client.mac)
            if state.sent.value(for: client.mac, at: time) != nil { return true }
            state.list.wish(client.mac, until: time.addingTimeInterval(Double(ttl)), at: time)
            return state.list.isHeld(client.mac, at: time)
        }
        if isThrough { return }
        let isTaken = await waiters.wait(for: client.mac, atMost: Self.patience) { !self.isHeld(client.mac) }
        guard !isTaken else { return }
        let isDeclined = state.withLock { $0.list.isDeclined(client.mac) }
        if isDeclined, !isSilent(at: now()) { throw .deviceNotSeen }
        throw .busy("openNDS has not asked for the guest yet (authmon, of fas_secure_enabled 3 or 4)")
    }

    private func isHeld(_ mac: MACAddress) -> Bool {
        let time = now()
        return state.withLock { $0.list.isHeld(mac, at: time) }
    }

    func revoke(_ client: GatewayClient) async throws(GatewayError) {
        let time = now()
        let isOff = state.withLock { state in
            state.sent.forget(client.mac)
            return state.list.drop(client.mac, at: time)
        }
        if !isOff { throw .refused("openNDS on another machine ends a stay at its time alone") }
    }

    /// Its walled garden is its own.
    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError) {}

    func closeWindow(_ client: GatewayClient) async throws(GatewayError) {}

    /// The portal's own rule is the only one with a port, and openNDS opens that way by itself.
    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError) {
        let names = Set(rules.filter { $0.port == nil }.map(\.destination.text)).sorted()
        if names.isEmpty { return }
        throw .refused(
            "openNDS on another machine does not tell what it opens for guests; have in its walledgarden_fqdn_list: "
                + names.joined(separator: " "))
    }

    func walledGarden() async throws(GatewayError) -> [WalledGardenRule] {
        let rules = try await surroundings.wantedGarden(siteID)
        try await apply(rules)
        return rules
    }

    /// It tells nobody; what it lost in a restart, it is told anew when it asks.
    func list() async throws(GatewayError) -> [GatewayEntry] {
        do { return try await surroundings.runningGuests(siteID) } catch {
            throw .busy("the books cannot be read")
        }
    }

    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress? {
        throw .unsupported("openNDS on another machine does not tell which device is where")
    }

    func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool {
        throw .unsupported("openNDS on another machine does not tell which devices it lets through")
    }

    func health() async -> GatewayHealth {
        let time = now()
        return state.withLock { state in
            var health = GatewayHealth(uptime: Int(saturating: time.timeIntervalSince(state.start)))
            health.warnings = state.level?.limit.map { [$0] } ?? []
            if let askedAt = state.askedAt, time.timeIntervalSince(askedAt) > Self.silence {
                let seconds = Int(saturating: time.timeIntervalSince(askedAt))
                health.problem = .unreachable("openNDS has not asked for \(seconds) s; see what its authmon logs")
            }
            return health
        }
    }

    private func isSilent(at time: Date) -> Bool {
        state.withLock { $0.askedAt.map { time.timeIntervalSince($0) > Self.silence } ?? true }
    }
}

extension RemoteOpenNDS {
    /// What authmon and openNDS's other scripts are answered: `auth_get` is what they want, `payload` what they tell,
    /// in base64 (openNDS, fas-aes-https.php). Nil if the fields are none of theirs.
    func answer(to field: @Sendable (String) -> String?) async -> String? {
        guard let wanted = field("auth_get") else { return nil }
        let payload = field("payload").flatMap { Data(base64Encoded: $0) } ?? Data()
        let told = String(decoding: payload.prefix(Self.longestPayload), as: UTF8.self)
        let time = now()
        state.withLock { ($0.askedAt, $0.isHeardOf) = (time, true) }
        switch wanted {
        case "view" where told == "none", "list":
            await readSessions()
            return state.withLock { $0.list.offer(at: time) }
        case "view": take(told)
        case "clear": restart()
        default: break
        }
        return "ack"
    }

    private static let longestPayload = 4_096

    /// An asterisk, and those whom openNDS let through.
    private func take(_ told: String) {
        let macs = told.split(whereSeparator: \.isWhitespace).compactMap { MACAddress(String($0)) }
        let time = now()
        let held = state.withLock { state in
            state.list.take(macs)
            return macs.filter { state.list.isHeld($0, at: time) }
        }
        held.forEach(waiters.release)
    }

    /// openNDS has started, and forgotten everybody.
    private func restart() {
        let time = now()
        state.withLock { state in
            if let clearedAt = state.clearedAt, abs(time.timeIntervalSince(clearedAt)) < Self.restarting { return }
            (state.clearedAt, state.start, state.readAt) = (time, time, nil)
            state.list.forgetHeld()
        }
    }

    /// The database knows which sessions run, also those of before this program started and of other portals.
    private func readSessions() async {
        let time = now()
        let isDue = state.withLock { state in
            if let readAt = state.readAt, abs(time.timeIntervalSince(readAt)) < Self.rereading { return false }
            state.readAt = time
            return true
        }
        guard isDue, let running = try? await surroundings.runningGuests(siteID) else { return }
        state.withLock { state in
            state.list.update(
                running: running.map { ($0.mac, time.addingTimeInterval(Double($0.secondsLeft ?? 0))) }, at: time)
        }
    }
}
