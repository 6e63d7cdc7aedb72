import Captive
import Foundation
import GatewaySimulator
import NetworkAddress
import Storage
import Testing

/// A random history of guests, a thief, an admin, a router with faults and a portal that is killed, and the rules that
/// it has broken. The seed determines all steps.
final class History {
    private let world: World
    private let rules: Rules
    private let honest: [Guest]
    private let thief: Guest
    private var random: SeededGenerator
    private(set) var log: [String] = []
    private(set) var broken: [String] = []
    /// Sessions that the thief began.
    private var stolenWith: Set<UUID> = []
    /// Devices that a fault may have disconnected since their last confirmation.
    private var mayBeOff: Set<MACAddress> = []

    init(seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let world = try await World()
        let guests = try (0..<4).map { number in
            let (isTranslated, keepsCookies) = (random.chance(0.4), random.chance(0.8))
            return try Guest(number, in: world, isTranslated: isTranslated, keepsCookies: keepsCookies)
        }
        honest = Array(guests.dropLast())
        thief = guests[3]
        rules = Rules(world: world)
        self.world = world
        self.random = random
    }

    /// Runs `steps` steps and then waits until no work is left.
    func run(steps: Int) async throws {
        for _ in 0..<steps where broken.isEmpty {
            try await step()
            await world.settle()
            broken += try await rules.check()
        }
        if broken.isEmpty { try await rest() }
        try await world.close()
    }

    private func note(_ text: String) {
        log.append("\(Int(world.clock.now().timeIntervalSince1970) - 1_800_000_000) s: \(text)")
    }

    private func step() async throws {
        switch random.pick(Self.choices) {
        case .guest: try await act(random.pick(honest))
        case .thief: try await steal(from: random.pick(honest))
        case .look: try await look(random.pick(honest))
        case .time: try await pass()
        case .move: try await move(random.pick(honest))
        case .router: await trouble()
        case .admin: try await disconnect()
        case .kill:
            note("the portal is killed")
            await world.kill()
        case .killDuring:
            let commands = Int.random(in: 1...9, using: &random)
            note("the portal is killed after \(commands) commands to the router")
            let guest = random.pick(honest)
            mayBeOff.formUnion(honest.flatMap(\.macs))
            try await world.kill(after: commands) { try await act(guest) }
        case .watch: await world.watch()
        }
    }

    private enum Choice { case guest, thief, look, time, move, router, admin, kill, killDuring, watch }

    private static let choices: [Choice] =
        Array(repeating: .guest, count: 10) + Array(repeating: .thief, count: 5) + Array(repeating: .look, count: 4)
        + Array(repeating: .time, count: 4) + Array(repeating: .move, count: 4) + Array(repeating: .router, count: 5)
        + [.admin, .kill, .killDuring, .killDuring, .watch]

    // MARK: Guests

    private func act(_ guest: Guest) async throws {
        switch Int.random(in: 0..<8, using: &random) {
        case 0, 1:
            note("\(guest.name) enters a new code")
            try await guest.enter()
            try await guest.type(try await buy(guest))
        case 2:
            note("\(guest.name) enters an old code")
            try await guest.enter()
            if let code = guest.coupons.randomElement(using: &random) { try await guest.type(code.code.rawValue) }
        case 3:
            note("\(guest.name) adds time")
            try await guest.addTime(try await buy(guest))
        case 4:
            note("\(guest.name) enters the resume code")
            try await guest.enter()
            if let code = guest.resumeCode { try await guest.type(code) }
        case 5:
            note("\(guest.name) signs out")
            try await guest.signOut()
        case 6:
            note("\(guest.name) goes on where the browser was")
            try await guest.enter()
            try await guest.acceptResume()
        default:
            note("\(guest.name) comes by")
            try await guest.enter()
        }
    }

    private func buy(_ guest: Guest) async throws -> String {
        let coupon = try await world.coupon()
        guest.coupons.append(coupon)
        return coupon.code.rawValue
    }

    /// The page shows that the guest is online only if the router authorizes the device.
    private func look(_ guest: Guest) async throws {
        guard let text = try await guest.look(), text.contains("You’re online") else { return }
        note("\(guest.name) reads: online")
        let isOnline = guest.macs.contains { world.router.isOnline($0) }
        // A fault that is still planned may disconnect it.
        if isOnline, world.router.plannedFaults == 0 { mayBeOff.remove(guest.mac) }
        if !isOnline, !mayBeOff.contains(guest.mac) { broken.append("\(guest.name) reads “online” and is not") }
    }

    private func move(_ guest: Guest) async throws {
        switch Int.random(in: 0..<4, using: &random) {
        case 0:
            note("\(guest.name) leaves")
            world.router.disconnect(guest.mac)
        case 1:
            let others = guest.macs.filter { $0 != guest.mac }
            world.router.disconnect(guest.mac)
            mayBeOff.insert(guest.mac)
            guest.mac = random.pick(others)
            note("\(guest.name) has another MAC address")
            world.router.connect(guest.mac, guest.ip)
        case 2:
            world.router.disconnect(guest.mac)
            guard case .v4(let number) = guest.ip else { return }
            let base = number - (number - 0x0A05_3200) % 10
            guest.ip = .v4(base + UInt32.random(in: 0..<5, using: &random))
            note("\(guest.name) has another IP address")
            world.router.connect(guest.mac, guest.ip)
        default:
            note("\(guest.name) comes back")
            world.router.connect(guest.mac, guest.ip)
        }
        mayBeOff.insert(guest.mac)
    }

    // MARK: The thief

    /// A client that knows a guest's MAC and IP address and has its own codes, but no secret of the guest.
    private func steal(from victim: Guest) async throws {
        await world.settle()
        let before = try await exposed()
        try await thief.enter(as: victim.client)
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1:
            note("the thief enters a new code for \(victim.name)'s device")
            try await thief.type(try await buy(thief))
        case 2:
            note("the thief enters an old code for \(victim.name)'s device")
            if let code = thief.coupons.randomElement(using: &random) { try await thief.type(code.code.rawValue) }
        case 3:
            note("the thief enters a resume code for \(victim.name)'s device")
            if let code = thief.resumeCode { try await thief.type(code) }
        case 4:
            note("the thief signs out for \(victim.name)")
            try await thief.signOut()
        default:
            note("the thief adds time for \(victim.name)")
            try await thief.addTime(try await buy(thief))
        }
        if random.chance(0.3) {
            try await thief.enter()
            if let code = thief.resumeCode { try await thief.type(code) }
        }
        try await claim(before)
    }

    /// Active sessions of other guests for which the router has no pending work.
    private func exposed() async throws -> [UUID: GuestSession] {
        let waiting = try await rules.pendingDevices()
        return Dictionary(
            uniqueKeysWithValues: try await rules.sessions()
                .filter {
                    $0.status == .active && !stolenWith.contains($0.id) && !waiting.contains($0.client.mac)
                        && $0.move == nil
                }.map { ($0.id, $0) })
    }

    /// Sessions that began after `before` belong to the thief; those in `before` must be unchanged.
    private func claim(_ before: [UUID: GuestSession]) async throws {
        await world.settle()
        let after = Dictionary(uniqueKeysWithValues: try await rules.sessions().map { ($0.id, $0) })
        for (id, session) in before where session.expiresAt > world.clock.now() {
            let now = after[id]
            if now?.status != session.status || now?.client.mac != session.client.mac
                || now?.expiresAt != session.expiresAt
            {
                broken.append("the thief changed a session: \(session) became \(String(describing: now))")
            }
        }
        let thiefs = Set(thief.coupons.map(\.id))
        stolenWith.formUnion(after.values.filter { thiefs.contains($0.couponID ?? UUID()) }.map(\.id))
    }

    // MARK: The rest of the world

    private func pass() async throws {
        let seconds = Double(random.pick([1, 5, 20, 70, 400, 1_800, 4_000]))
        note("\(Int(seconds)) s go by")
        try await world.pass(seconds)
    }

    private func disconnect() async throws {
        guard let session = try await rules.sessions().randomElement(using: &random) else { return }
        note("the admin disconnects \(session.client.mac)")
        _ = try await world.store.end(session.id, reason: .admin, now: world.clock.now())
    }

    private func trouble() async {
        let faults: [RouterFault] = [
            .loseAnswer, .hang, .drop(.beforeTheWork), .refuse(status: 500, detail: "std failure"),
            .refuse(status: 400, detail: "failure: already authorizing, retry later"),
            .refuse(status: 400, detail: "failure: session limit reached (1)"),
            .refuse(status: 400, detail: "unknown"), .reboot(.beforeTheAnswer, boot: 3),
        ]
        let requests = [
            "", "POST ip/hotspot/active", "PUT ip/hotspot/user", "DELETE", "PATCH", "GET ip/hotspot/host", "POST",
        ]
        let fault = random.pick(faults)
        let request = random.pick(requests)
        let (times, after) = (Int.random(in: 1...4, using: &random), Int.random(in: 0...6, using: &random))
        note("the router will fail at “\(request)” \(times) times after \(after): \(fault)")
        world.router.plan(fault, on: request, times: times, after: after)
        // A lost answer may belong to any device's session.
        mayBeOff.formUnion(honest.flatMap(\.macs))
    }

    /// The router works again, the devices are on the network, and time passes: router and database must agree.
    private func rest() async throws {
        note("the router is well again")
        world.router.clearFaults()
        for guest in honest + [thief] { world.router.connect(guest.mac, guest.ip) }
        for _ in 0..<3 {
            try await world.pass(120)
            await world.watch()
            try await world.pass(30)
        }
        broken += try await rules.check()
        broken += try await rules.checkSettled()
    }
}
