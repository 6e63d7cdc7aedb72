import Captive
import Foundation
import HTTPServer
import NetworkAddress

/// `/sites/{id}/users`: who is and was online at a site.
struct SiteUserResource {
    let store: any SiteStore & SessionStore & SiteUserStore
    let links: Links
    let clock: WallClock
    /// Takes the order to cut a device off.
    let submit: @Sendable (GatewayOrder) -> Void

    private static let kind = "user"

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/sites/{id}/users", olderPath: false, list),
            Endpoint(.get, "/sites/{id}/users/{userId}", olderPath: false, read),
            Endpoint(.delete, "/sites/{id}/users/{userId}", olderPath: false, disconnect),
        ]
    }

    @Sendable private func list(_ call: Call) async throws -> Response {
        let request = try ListRequest(call.request, publicURL: links.publicURL)
        let filter = try SiteUserFilter(call.request.queryParameters())
        let site = try await site(of: call)
        let now = clock()
        return try await request.response({ .init(createdAt: $0.createdAt, id: $0.id) }, { $0.json(at: now) }) {
            try await store.users(of: site.id, matching: filter, page: $0)
        }
    }

    @Sendable private func read(_ call: Call) async throws -> Response {
        .json(.ok, try await user(of: call).json(at: clock()))
    }

    /// Cuts the device off and keeps the record; one that is not online any more stays as it is.
    @Sendable private func disconnect(_ call: Call) async throws -> Response {
        let user = try await user(of: call)
        if let order = try await store.end(user.id, as: .disconnected, reason: "admin", now: clock()) { submit(order) }
        return Response(.noContent)
    }

    private func user(of call: Call) async throws -> GuestSession {
        let id = try call.id(Self.kind, at: "userId")
        let site = try await site(of: call)
        guard let user = try await store.session(id), user.siteID == site.id else { throw APIError.notFound(Self.kind) }
        return user
    }

    private func site(of call: Call) async throws -> Site {
        guard let site = try await store.site(call.id("site"), in: call.workspace) else {
            throw APIError.notFound("site")
        }
        return site
    }
}

extension SiteUserFilter {
    /// The filters in a query; an empty one does not matter. Throws `parameter_invalid`.
    fileprivate init(_ query: FormFields) throws {
        let statuses = GuestSession.Status.allCases.map(\.rawValue).joined(separator: ", ")
        self.init(
            status: try Self.value(query, "status", "one of \(statuses)") { GuestSession.Status(rawValue: $0) },
            mac: try Self.value(query, "mac", "a MAC address such as AA:BB:CC:DD:EE:01") { MACAddress($0) },
            ip: try Self.value(query, "ip", "an IP address") { IPAddress($0) },
            text: try Self.value(query, "q", "at most 100 characters") { $0.count <= 100 ? $0 : nil })
    }

    private static func value<Value>(
        _ query: FormFields, _ name: String, _ expected: String, _ parse: (String) -> Value?
    ) throws -> Value? {
        guard let text = query[name], !text.isEmpty else { return nil }
        guard let value = parse(text) else { throw APIError.invalid(name, expected) }
        return value
    }
}

extension GuestSession {
    /// A session whose time is over reads `expired`, even before the books have been brought up to date.
    fileprivate func json(at now: Date) -> JSONValue {
        let isOver = (status == .active || status == .connecting) && expiresAt <= now
        return [
            "id": .string(id.text), "site_id": .string(siteID.text), "instance_id": .string(instanceID.text),
            "mac": .string(client.mac.description), "ip": .string(client.ip.description),
            "status": .string((isOver ? Status.expired : status).rawValue), "reason": JSONValue(reason),
            "strategy": .string(strategy.rawValue), "coupon_id": JSONValue(couponID?.text),
            "identity": identity?.json ?? .null, "device": JSONValue(device), "created_at": JSONValue(createdAt),
            "authorized_at": JSONValue(authorizedAt), "expires_at": JSONValue(expiresAt),
            "ended_at": JSONValue(endedAt),
        ]
    }
}

extension GuestSession.Identity {
    fileprivate var json: JSONValue {
        [
            "provider": .string(provider.rawValue), "subject": .string(subject), "email": JSONValue(email),
            "name": JSONValue(name),
        ]
    }
}
