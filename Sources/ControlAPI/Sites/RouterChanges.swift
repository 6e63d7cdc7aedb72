import Captive

/// A site's `router` in a request body.
struct RouterChanges: Sendable {
    private let driver: RouterSettings.Driver?
    private let url: String?
    private let username: String?
    private let password: Secret?
    private let fasKey: Secret?
    private let trust: RouterSettings.Trust

    init(from fields: inout FieldReader) {
        driver = fields.required("driver", .enumeration)
        let isRouterOS = driver.isRouterOS
        let address = driver == .routerosAPI ? Rule.routerAPIURL : Rule.routerURL
        url =
            isRouterOS ? fields.required("url", address, nullIsMissing: true) : fields.nullable("url", address) ?? nil
        username =
            isRouterOS
            ? fields.required("username", .line(), nullIsMissing: true) : fields.nullable("username", .line()) ?? nil
        password =
            fields.nullable(
                "password", .secret(),
                "Router password. Write-only. If omitted, the stored password is kept as long as `url` does not change."
            ) ?? nil
        let authority = fields.nullable("ca_certificate", .certificates) ?? nil
        let digest = fields.nullable("certificate_sha256", .sha256) ?? nil
        fields.exclude("certificate_sha256", where: "ca_certificate")
        fasKey = fields.nullable("faskey", .secret(256), "The shared key (`faskey`) of openNDS. Write-only.") ?? nil
        trust = digest.map { .pinned(sha256: $0) } ?? authority.map { .authority(pem: $0) } ?? .system
    }

    /// Secrets that are omitted are taken from `old`. The password is kept only if the URL stays the same: otherwise an
    /// admin could send an unknown password to a router of their own.
    func settings(replacing old: RouterSettings?) throws -> RouterSettings {
        guard let driver else { throw APIError.missing("router.driver") }
        let kept = old?.url == url ? old?.password : nil
        let settings = RouterSettings(
            driver: driver, url: url, username: username, password: password ?? kept, trust: trust,
            fasKey: fasKey ?? old?.fasKey)
        if self.driver.isRouterOS, settings.password == nil { throw APIError.missing("router.password") }
        if driver == .opennds, settings.fasKey == nil { throw APIError.missing("router.faskey") }
        return settings
    }
}

extension RouterSettings {
    /// Throws `APIError` if the operator does not allow the driver or the address. A host name is checked when the
    /// portal connects to it.
    func check(_ policy: RouterPolicy, for workspace: Workspace) throws {
        guard policy.allows(driver, for: workspace) else {
            throw APIError(
                .driverNotAllowed,
                "This workspace may not use the driver '\(driver.rawValue)', which controls the portal's own machine. "
                    + "The operator can allow it with the setting drivers.local.")
        }
        guard literalAddress.map(policy.admits) ?? true else {
            throw APIError.invalid(
                "router.url",
                "the address of a router; loopback, link-local, multicast and metadata addresses are not allowed. "
                    + "The operator can allow them with the setting routers.allow_local")
        }
    }
}

extension RouterSettings.Driver? {
    fileprivate var isRouterOS: Bool { self == .routerosREST || self == .routerosAPI }
}
