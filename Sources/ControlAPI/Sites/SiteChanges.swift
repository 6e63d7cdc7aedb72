import Captive

/// What a body says a site should be. A router given replaces the stored one, except for secrets that are left out.
struct SiteChanges: Sendable {
    private let name: String??
    private let router: RouterChanges??

    static let input = Input("SiteUpdate", printed: Site.schema) { SiteChanges(from: &$0) }

    private init(from fields: inout FieldReader) {
        fields.ignore("id")
        name = fields.nullable("name", .line())
        router = fields.nullableObject("router", deciding: "driver") { RouterChanges(from: &$0) }
        fields.ignore("created_at")
    }

    /// Throws `APIError` if a secret that the driver needs was neither given nor stored, or `policy` forbids the
    /// router.
    func apply(to site: inout Site, _ policy: RouterPolicy) throws {
        site.name = name ?? site.name
        guard let router else { return }
        site.router = try router?.settings(replacing: site.router)
        try site.router?.check(policy, for: site.workspace)
    }
}
