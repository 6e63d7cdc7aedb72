import Captive
import Foundation
import HTTPServer
import NetworkAddress
import Storage

/// `/sites/{siteId}/users`: the current and past sessions at a site.
struct SiteUserResource {
    let store: Store
    let gateways: any GatewayDirectory
    let clock: WallClock

    var section: Section {
        let (path, item, shape) = ("/sites/{siteId}/users", "/sites/{siteId}/users/{userId}", Shape.siteUser(clock))
        return Section(
            "Site users", "Current and past users of a site. Each user is one session of a guest.",
            [
                .list(
                    path, legacy: [], "listSiteUsers",
                    "List users of a site; `text/csv` returns up to 100,000 at once",
                    filter: SiteUserFilter.input, shape
                ) { try await store.users(of: site(of: $0).id, matching: $1, page: $2) }
                .offering(SiteUserExport.mediaType, export),
                .get(item, legacy: [], "readSiteUser", "Get a user", .one(shape)) { try await user(of: $0) },
                .delete(
                    item, legacy: [], "disconnectSiteUser", "Disconnect a user; the record is kept",
                    errors: [.conflict], disconnect),
            ])
    }

    /// Returns up to `SiteUserExport.maximumRows` rows, unless the request has a limit.
    @Sendable private func export(_ call: Call) async throws -> Response {
        let (filter, page) = try SiteUserFilter.input.followed(by: ListPage.query())
            .value(from: call.request.queryFields())
        let site = try await site(of: call)
        let limit = call.request.queryValue("limit") == nil ? SiteUserExport.maximumRows : page.limit
        return try await SiteUserExport(shape: .siteUser(clock)).response(
            at: call.listAddress, from: page, limit: limit
        ) {
            try await store.users(of: site.id, matching: filter, page: $0)
        }
    }

    /// Ends the session and keeps its record. A session that has already ended is not changed.
    @Sendable private func disconnect(_ call: Call) async throws {
        let user = try await user(of: call)
        if user.status == .active, user.isRunning(at: clock()) { try await checkReach(of: user) }
        _ = try await store.end(user.id, reason: .admin, now: clock())
    }

    /// Throws `conflict` if the gateway cannot deauthorize the device, since the call must not report a false success.
    private func checkReach(of user: GuestSession) async throws {
        let gateway = try? await gateways.gateway(for: user.siteID) as? any FASGateway
        guard let gateway, await !gateway.canDisconnect(user.client) else { return }
        throw APIError(
            .conflict,
            "The site's openNDS runs on another machine and accepts no commands from the portal. The device stays online "
                + "until \(user.expiresAt.formatted(.iso8601)). On that machine, run 'ndsctl deauth "
                + "\(user.client.mac.description.lowercased())'. Repeat this request after the device has been intercepted."
        )
    }

    private func user(of call: Call) async throws -> GuestSession {
        let id = try call.id("userId")
        let site = try await site(of: call)
        guard let user = try await store.session(id), user.siteID == site.id else { throw APIError.notFound("user") }
        return user
    }

    private func site(of call: Call) async throws -> Site {
        guard let site = try await store.site(call.id("siteId"), in: call.workspace) else {
            throw APIError.notFound("site")
        }
        return site
    }
}

extension SiteUserFilter {
    fileprivate static let input = Input { query in
        SiteUserFilter(
            status: query.filter("status", .enumeration, "Only users with this status."),
            mac: query.filter("mac", .mac, "Only the device with this MAC address."),
            ip: query.filter("ip", .ip, "Only the device with this IP address."),
            text: query.filter(
                "q", .text(100),
                "Search text: part of a name, an e-mail address or a kind of device; a MAC address in any notation, or at "
                    + "least four adjacent digits of one, such as `ee:01` or `EE01`; or a coupon code, with or without "
                    + "spaces and hyphens. Except for a whole MAC address, the search reads all users of the site; add "
                    + "`status` if there are very many."))
    }
}

extension Rule where Value == MACAddress {
    fileprivate static var mac: Rule {
        Rule(
            expected: "a MAC address such as AA:BB:CC:DD:EE:01",
            schema: [
                "type": "string", "examples": ["AA:BB:CC:DD:EE:01"],
                "pattern":
                    "^([0-9A-Fa-f]{2}([:.-][0-9A-Fa-f]{2}){5}|([0-9A-Fa-f]{4}[:.-]){2}[0-9A-Fa-f]{4}|[0-9A-Fa-f]{12})$",
            ]
        ) { value in
            guard case .string(let text) = value else { return nil }
            return MACAddress(text)
        }
    }
}

extension Rule where Value == IPAddress {
    fileprivate static var ip: Rule {
        Rule(expected: "an IP address", schema: IPAddress.schema) { value in
            guard case .string(let text) = value else { return nil }
            return IPAddress(text)
        }
    }
}
