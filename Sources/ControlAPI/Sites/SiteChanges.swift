import Captive

/// The site fields in a request body. A router replaces the stored one, except for secrets that are omitted.
struct SiteChanges: Sendable {
    private let name: String??
    private let router: RouterChanges??

    static let input = Input("SiteUpdate", resource: Site.schema) { SiteChanges(from: &$0) }

    private init(from fields: inout FieldReader) {
        fields.ignore("id")
        name = fields.nullable("name", .line())
        router = fields.nullableObject("router", discriminator: "driver") { RouterChanges(from: &$0) }
        fields.ignore("created_at")
    }

    /// Throws `APIError` if a required secret is neither given nor stored, or `policy` does not allow the router.
    func apply(to site: inout Site, _ policy: RouterPolicy) throws {
        site.name = name ?? site.name
        guard let router else { return }
        site.router = try router?.settings(replacing: site.router)
        try site.router?.check(policy, for: site.workspace)
    }
}
