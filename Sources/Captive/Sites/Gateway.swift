package import Foundation
package import NetworkAddress

/// The device that lets guests of one site through. Every call is idempotent, has a deadline of its own below 10 s, and
/// throws `GatewayError` only. Callable from any task.
package protocol Gateway: Sendable {
    /// False where no device can be seen, because nothing is let through or cut off: `device(at:)` says nothing then.
    var seesDevices: Bool { get }
    /// Lets `client` through for `ttl` seconds from now, replacing what it had. Returns once the gateway has confirmed
    /// it. Throws `.deviceNotSeen` or `.deviceMismatch` when the gateway does not hold the pair of MAC and IP address.
    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError)
    /// Cuts `client` off, whatever address it has now. Harmless when it is not let through.
    func revoke(_ client: GatewayClient) async throws(GatewayError)
    /// Opens the way to the identity providers for `ttl` seconds.
    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError)
    /// Closes that way before its time. Harmless if it is not open.
    func closeWindow(_ client: GatewayClient) async throws(GatewayError)
    /// Makes the gateway's walled garden what `rules` say: the whole of the portal's part, nobody else's entries.
    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError)
    /// The rules of the portal's part of the walled garden that the gateway holds now and obeys: each in the form in
    /// which `apply` was given it, in any order. A rule that the gateway cannot express is not among them.
    func walledGarden() async throws(GatewayError) -> [WalledGardenRule]
    /// All that the gateway holds on the portal's order, known by the portal's mark; nothing of anybody else's. Called
    /// after a restart and every few minutes, so it may be long: a site has up to thousands of guests.
    func list() async throws(GatewayError) -> [GatewayEntry]
    /// The device that has `address` now, nil if the gateway has seen none. Throws `.unsupported` if it never tells.
    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress?
    /// Whether `client` is let through now, at its address. Throws `.unsupported` if the gateway never tells.
    func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool
    /// Whether the gateway answers, and what it is. Never throws: what went wrong is in the answer.
    func health() async -> GatewayHealth
}

extension Gateway {
    /// True, as of all gateways but that of the driver `none`.
    package var seesDevices: Bool { true }
}

/// A guest's device as a gateway knows it.
package struct GatewayClient: Sendable, Hashable {
    package var mac: MACAddress
    package var ip: IPAddress

    package init(mac: MACAddress, ip: IPAddress) {
        self.mac = mac
        self.ip = ip
    }
}

/// What guests may reach before they are let through.
package struct WalledGardenRule: Sendable, Hashable {
    /// A block of addresses, or a name.
    package enum Destination: Sendable, Hashable {
        case subnet(Subnet)
        /// An exact host name, or `*.` and a name for all names below it.
        case host(String)
    }

    package var destination: Destination
    /// TCP port; nil for all.
    package var port: UInt16?

    package init(_ destination: Destination, port: UInt16? = nil) {
        self.destination = destination
        self.port = port
    }
}

/// Why a gateway did not do what it was told.
package enum GatewayError: Error, Sendable, Equatable {
    /// No connection, no answer in time, or a certificate that is not the router's; the text says which.
    case unreachable(String)
    /// User name or password are wrong, or the account may not use the interface.
    case unauthorized
    /// The account lacks a right; the text names it where the router does.
    case forbidden(String)
    /// The gateway has no row for the address yet.
    case deviceNotSeen
    /// The address belongs to another device.
    case deviceMismatch
    /// The gateway's licence or memory holds no further guest.
    case full(String)
    /// The gateway is starting, or busy with the same client; the same call works soon.
    case busy(String)
    /// What the portal needs is not set up on the gateway; the text says what to mend.
    case misconfigured(String)
    /// Any other refusal, in the gateway's words.
    case refused(String)
    /// The gateway has no way to do this.
    case unsupported(String)
}

extension Gateway {
    package func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool {
        try await list().contains { $0.letsThrough(client) }
    }
}

extension GatewayError {
    /// False where the same call can succeed only after a person has changed something.
    package var mayPass: Bool {
        switch self {
        case .unreachable, .deviceNotSeen, .busy, .full: true
        case .unauthorized, .forbidden, .misconfigured, .refused, .unsupported, .deviceMismatch: false
        }
    }

    /// A stable word for the books, logs and `health`.
    package var reason: String {
        switch self {
        case .unreachable: "router_unreachable"
        case .unauthorized: "router_unauthorized"
        case .forbidden: "router_forbidden"
        case .deviceNotSeen: "device_not_seen"
        case .deviceMismatch: "device_mismatch"
        case .full: "router_full"
        case .busy: "router_busy"
        case .misconfigured: "router_misconfigured"
        case .refused: "router_refused"
        case .unsupported: "router_unsupported"
        }
    }

    /// One sentence for an admin: what happened and what to do.
    package var explanation: String {
        switch self {
        case .unreachable(let detail): "The router cannot be reached: \(detail)"
        case .unauthorized: "The router refused the user name or password; check the site's router settings."
        case .forbidden(let detail): "The router's account lacks a right: \(detail)"
        case .deviceNotSeen: "The router has not seen the guest's device at that address."
        case .deviceMismatch: "The address belongs to another device on the router."
        case .full(let detail): "The router takes no further guest: \(detail)"
        case .busy(let detail): "The router is busy: \(detail)"
        case .misconfigured(let detail): "The router is not set up as a gateway: \(detail)"
        case .refused(let detail): "The router refused: \(detail)"
        case .unsupported(let detail): "The router cannot do this: \(detail)"
        }
    }
}

/// What a gateway says of itself.
package struct GatewayHealth: Sendable, Equatable {
    /// Nil when all is well.
    package var problem: GatewayError?
    /// For example `7.16.2 (stable)`.
    package var version: String?
    /// Seconds since the router started, and since it may have forgotten guests. Nil where it does not tell: it is
    /// asked for its list then whenever it is visited.
    package var uptime: Int?
    package var name: String?
    /// What it cannot do although it answers.
    package var warnings: [GatewayFlaw] = []

    package init(problem: GatewayError? = nil, version: String? = nil, uptime: Int? = nil, name: String? = nil) {
        self.problem = problem
        self.version = version
        self.uptime = uptime
        self.name = name
    }
}

/// Knows what routers limit besides time.
package protocol GuestLimits: Sendable {
    /// Bytes that the site's router lets `client` through for yet, as it was last heard of; nil where it sets no limit.
    func bytesLeft(of client: GatewayClient, at siteID: UUID) -> Int?
}

/// Finds the gateway of a site. The answer is kept while the site's router settings stay the same.
package protocol GatewayDirectory: Sendable {
    /// Nil if the site is unknown or has no router.
    func gateway(for siteID: UUID) async throws -> (any Gateway)?
}
