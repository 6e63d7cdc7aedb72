import Captive

/// What a body says a site should be. A router given replaces the stored one, except for secrets that are left out.
struct SiteChanges: Sendable {
    private let name: String??
    private let router: RouterChanges??

    init(from fields: inout FieldReader) {
        fields.ignore("id")
        name = fields.nullable("name", .line())
        router = fields.nullableObject("router") { RouterChanges(from: &$0) }
        fields.ignore("created_at")
    }

    /// Throws `APIError` if a secret that the driver needs was neither given nor stored.
    func apply(to site: inout Site) throws {
        site.name = name ?? site.name
        guard let router else { return }
        site.router = try router?.settings(replacing: site.router)
    }
}

extension Site {
    /// The site as the API prints it.
    var json: JSONValue {
        [
            "id": .string(id.text), "name": JSONValue(name), "router": router?.json ?? .null,
            "created_at": JSONValue(createdAt),
        ]
    }
}

extension RouterSettings {
    /// Without its secrets.
    fileprivate var json: JSONValue {
        let (authority, digest): (String?, String?) =
            switch trust {
            case .system: (nil, nil)
            case .authority(let pem): (pem, nil)
            case .pinned(let sha256):
                (nil, sha256.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
            }
        return [
            "driver": .string(driver.rawValue), "url": JSONValue(url), "username": JSONValue(username),
            "ca_certificate": JSONValue(authority), "certificate_sha256": JSONValue(digest),
        ]
    }
}
