package import Foundation
package import NetworkAddress

/// Controls the router of one site. Every call is idempotent, has its own deadline of less than 10 s, and throws only
/// `GatewayError`. Callable from any task.
package protocol Gateway: Sendable {
    /// False if no device can be seen, because none is authorized or disconnected. `device(at:)` then has no meaning.
    var seesDevices: Bool { get }
    /// Authorizes `client` for `ttl` seconds from now, replacing an earlier authorization. Returns once the gateway has
    /// confirmed it. Throws `.deviceNotSeen` or `.deviceMismatch` if the gateway does not hold the pair of MAC and IP
    /// address.
    func authorize(_ client: GatewayClient, for ttl: Int) async throws(GatewayError)
    /// Deauthorizes `client`, whatever its current address. Has no effect if it is not authorized.
    func revoke(_ client: GatewayClient) async throws(GatewayError)
    /// Opens the sign-in window, in which `client` may reach the identity providers, for `ttl` seconds.
    func openWindow(_ client: GatewayClient, for ttl: Int) async throws(GatewayError)
    /// Closes the sign-in window early. Has no effect if it is not open.
    func closeWindow(_ client: GatewayClient) async throws(GatewayError)
    /// Replaces the portal's part of the gateway's walled garden with `rules`. Does not change other entries.
    func apply(_ rules: [WalledGardenRule]) async throws(GatewayError)
    /// Returns the rules of the portal's part of the walled garden that are in effect, in any order and each in the
    /// form in which `apply` received it. Omits rules that the gateway cannot express.
    func walledGarden() async throws(GatewayError) -> [WalledGardenRule]
    /// Returns everything that the gateway holds for the portal, identified by the portal's mark, and nothing else.
    /// Called after a restart and every few minutes, so it may be long: a site has up to thousands of guests.
    func list() async throws(GatewayError) -> [GatewayEntry]
    /// Returns the device that has `address` now; nil if the gateway has seen none. Throws `.unsupported` if the
    /// gateway never reports it.
    func device(at address: IPAddress) async throws(GatewayError) -> MACAddress?
    /// Whether `client` is authorized now, at its address. Throws `.unsupported` if the gateway never reports it.
    func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool
    /// Returns the gateway's health. Never throws: the result contains the error.
    func health() async -> GatewayHealth
}

extension Gateway {
    /// True for all gateways except that of the driver `none`.
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

/// A destination that guests may reach before they are authorized.
package struct WalledGardenRule: Sendable, Hashable {
    /// An address block or a name.
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

/// Why a gateway call failed.
package enum GatewayError: Error, Sendable, Equatable {
    /// No connection, no response in time, or a certificate that is not the router's; the text contains the cause.
    case unreachable(String)
    /// The user name or password is wrong, or the account may not use the interface.
    case unauthorized
    /// The account lacks a right, which the text names if the router does.
    case forbidden(String)
    /// The gateway has no entry for the address so far.
    case deviceNotSeen
    /// The address belongs to another device.
    case deviceMismatch
    /// The gateway's licence or memory does not permit another guest.
    case full(String)
    /// The gateway is starting, or busy with the same client; the same call succeeds soon.
    case busy(String)
    /// The gateway lacks a setup that the portal needs; the text describes how to fix it.
    case misconfigured(String)
    /// Any other refusal, with the gateway's text.
    case refused(String)
    /// The gateway does not support the call.
    case unsupported(String)
}

extension Gateway {
    package func holds(_ client: GatewayClient) async throws(GatewayError) -> Bool {
        try await list().contains { $0.letsThrough(client) }
    }
}

extension GatewayError {
    /// False if the same call can succeed only after a person has changed something.
    package var mayPass: Bool {
        switch self {
        case .unreachable, .deviceNotSeen, .busy, .full: true
        case .unauthorized, .forbidden, .misconfigured, .refused, .unsupported, .deviceMismatch: false
        }
    }

    /// A stable value for the database, logs and `health`.
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

/// A gateway's report about itself.
package struct GatewayHealth: Sendable, Equatable {
    /// Nil if there is no problem.
    package var problem: GatewayError?
    /// For example `7.16.2 (stable)`.
    package var version: String?
    /// Seconds since the router started, and thus since it may have lost authorizations. Nil if it does not report
    /// them: its list is then read at every visit.
    package var uptime: Int?
    package var name: String?
    /// What the gateway cannot do although it responds.
    package var warnings: [SetupIssue] = []

    package init(problem: GatewayError? = nil, version: String? = nil, uptime: Int? = nil, name: String? = nil) {
        self.problem = problem
        self.version = version
        self.uptime = uptime
        self.name = name
    }
}

/// Provides the limits of routers other than time.
package protocol GuestLimits: Sendable {
    /// The last known number of bytes that the site's router still permits `client`; nil if it sets no limit.
    func bytesLeft(of client: GatewayClient, at siteID: UUID) -> Int?
}

/// Finds the gateway of a site. Caches it while the site's router settings do not change.
package protocol GatewayDirectory: Sendable {
    /// Returns nil if the site is unknown or has no router.
    func gateway(for siteID: UUID) async throws -> (any Gateway)?
}
