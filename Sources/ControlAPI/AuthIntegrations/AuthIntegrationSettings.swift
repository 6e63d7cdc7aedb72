import Captive
import Foundation

/// The integration in a request body. In an update only the client secret is optional; if omitted, the stored one is
/// kept.
struct AuthIntegrationSettings: Sendable {
    private let name: String?
    private let provider: AuthIntegration.Provider?
    private let config: Config?

    private struct Config {
        var clientID: String?
        var clientSecret: Secret?
        var tenant: String?
    }

    /// The body of a POST (`isNew`) or a PUT.
    static func input(isNew: Bool, shape: Shape<AuthIntegration>) -> Input<AuthIntegrationSettings> {
        Input(isNew ? "AuthIntegrationCreate" : "AuthIntegrationUpdate", resource: shape.schema, discriminator: "type")
        {
            AuthIntegrationSettings(from: &$0, isNew: isNew)
        }
    }

    private init(from fields: inout FieldReader, isNew: Bool) {
        name = fields.required("name", .line())
        let provider: AuthIntegration.Provider? = fields.required("type", .enumeration)
        self.provider = provider
        config = fields.requiredObject("config") { config in
            Config(
                clientID: config.required("client_id", .line()),
                clientSecret: Self.secret(from: &config, isNew: isNew),
                tenant: Self.tenant(from: &config, for: provider))
        }
        if !isNew { fields.ignore("id", "test_url", "created_at") }
    }

    private static func secret(from config: inout FieldReader, isNew: Bool) -> Secret? {
        let description = "The client secret that the provider assigned to the portal. Write-only."
        return isNew
            ? config.required("client_secret", .secret(), description)
            : config.optional("client_secret", .secret(), description + " If omitted, the stored secret is kept.")
    }

    /// Required for Azure. For Google, optionally the only Workspace domain whose users may sign in. Null for GitHub.
    private static func tenant(from config: inout FieldReader, for provider: AuthIntegration.Provider?) -> String? {
        switch provider {
        case .azure: return config.required("tenant", .tenant)
        case .google: return config.nullable("tenant", .domain) ?? nil
        case .github:
            _ = config.optional("tenant", .null("when the type is 'github'"))
            return nil
        case nil: return config.nullable("tenant", .tenant) ?? nil
        }
    }

    func integration(_ id: UUID, in workspace: Workspace, createdAt: Date) throws -> AuthIntegration {
        guard let name, let provider, let config, let clientID = config.clientID, let secret = config.clientSecret
        else { throw APIError.missing("config") }
        return AuthIntegration(
            id: id, workspace: workspace, name: name, provider: provider, clientID: clientID, clientSecret: secret,
            tenant: config.tenant, createdAt: createdAt)
    }

    /// Throws `APIError` if the type changes without a new secret: the stored one belongs to another provider.
    func apply(to integration: inout AuthIntegration) throws {
        guard let name, let provider, let config, let clientID = config.clientID else {
            throw APIError.missing("config")
        }
        if provider != integration.provider, config.clientSecret == nil {
            throw APIError.missing("config.client_secret")
        }
        integration.name = name
        integration.provider = provider
        integration.clientID = clientID
        integration.clientSecret = config.clientSecret ?? integration.clientSecret
        integration.tenant = config.tenant
    }
}

extension Rule where Value == String {
    /// The domain of a Google Workspace.
    fileprivate static var domain: Rule {
        .matching(
            Domains.pattern, atMost: 253, examples: ["example.org"],
            expected: "the domain of a Google Workspace, such as example.org")
    }

    /// A Microsoft Entra directory: its GUID, one of its domains, or a group of directories.
    fileprivate static var tenant: Rule {
        .matching(
            Domains.directories, atMost: 253, examples: ["organizations", "contoso.onmicrosoft.com"],
            expected: "a directory's GUID or domain, or 'common', 'organizations' or 'consumers'")
    }
}

private enum Domains {
    private static let label = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    /// Two or more labels of letters, digits and inner hyphens (RFC 1123 section 2.1).
    static let name = "\(label)(\\.\(label))+"
    static let guid = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    static let pattern = Pattern(name)
    static let directories = Pattern("common|organizations|consumers|\(guid)|\(name)")
}
