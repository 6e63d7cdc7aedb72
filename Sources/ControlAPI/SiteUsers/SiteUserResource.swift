import Captive
import Foundation
import HTTPServer
import NetworkAddress

/// `/sites/{id}/users`: who is and was online at a site.
struct SiteUserResource {
    let store: any SiteStore & SessionStore & SiteUserStore
    let gateways: any GatewayDirectory
    let clock: WallClock

    var section: Section {
        let (path, item, shape) = ("/sites/{siteId}/users", "/sites/{siteId}/users/{userId}", Shape.siteUser(clock))
        return Section(
            "Site users", "Who is and was online at a site.",
            [
                .list(
                    path, older: [], "listSiteUsers",
                    "Lists the users of a site; as `text/csv` all of them at once, up to 100,000 lines.",
                    filter: SiteUserFilter.input, shape
                ) { try await store.users(of: site(of: $0).id, matching: $1, page: $2) }
                .offering(SiteUserExport.mediaType, export),
                .get(item, older: [], "readSiteUser", "Reads a user.", .one(shape)) { try await user(of: $0) },
                .delete(
                    item, older: [], "disconnectSiteUser", "Cuts a user's device off and keeps the record.",
                    errors: [.conflict], disconnect),
            ])
    }

    /// All rows, unless the request says how many.
    @Sendable private func export(_ call: Call) async throws -> Response {
        let (filter, page) = try SiteUserFilter.input.followed(by: ListPage.query())
            .value(from: call.request.queryFields())
        let site = try await site(of: call)
        let limit = call.request.queryValue("limit") == nil ? SiteUserExport.mostRows : page.limit
        return try await SiteUserExport(shape: .siteUser(clock)).response(
            at: call.listAddress, from: page, limit: limit
        ) {
            try await store.users(of: site.id, matching: filter, page: $0)
        }
    }

    /// Cuts the device off and keeps the record; one that is not online any more stays as it is.
    @Sendable private func disconnect(_ call: Call) async throws {
        let user = try await user(of: call)
        if user.status == .active, user.isRunning(at: clock()) { try await checkReach(of: user) }
        _ = try await store.end(user.id, reason: .admin, now: clock())
    }

    /// What the gateway cannot be told must not be said to be done.
    private func checkReach(of user: GuestSession) async throws {
        let gateway = try? await gateways.gateway(for: user.siteID) as? any ForwardingGateway
        guard let gateway, await !gateway.cutsOff(user.client) else { return }
        throw APIError(
            .conflict,
            "The site's openNDS runs on another machine, which lets the guest through until "
                + "\(user.expiresAt.formatted(.iso8601)) and cannot be told to stop. Run there: ndsctl deauth "
                + "\(user.client.mac.description.lowercased()); then send this again, once the device was caught.")
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
            status: query.filter("status", .word, "Only users with this status."),
            mac: query.filter("mac", .mac, "Only this device."), ip: query.filter("ip", .ip, "Only this address."),
            text: query.filter(
                "q", .text(100),
                "A part of the person's name or e-mail address, or of the device's kind; a MAC address in any notation, "
                    + "or at least four adjacent digits of one, such as `ee:01` or `EE01`; or a coupon code, with or "
                    + "without spaces and hyphens. But for a whole MAC address, it is looked for in all of the site's "
                    + "users, so name a `status` beside it where there are very many."))
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
