import Captive

/// A site's `router` as a body gives it.
struct RouterChanges: Sendable {
    private let driver: RouterSettings.Driver?
    private let url: String?
    private let username: String?
    private let password: Secret?
    private let fasKey: Secret?
    private let trust: RouterSettings.Trust

    init(from fields: inout FieldReader) {
        driver = fields.required("driver", .word)
        let isRouterOS = driver.isRouterOS
        let address = driver == .routerosAPI ? Rule.routerAPIURL : Rule.routerURL
        url =
            isRouterOS ? fields.required("url", address, nullIsMissing: true) : fields.nullable("url", address) ?? nil
        username =
            isRouterOS
            ? fields.required("username", .line(), nullIsMissing: true) : fields.nullable("username", .line()) ?? nil
        password = fields.nullable("password", .secret(), "Never printed; left out, the stored one stays.") ?? nil
        let authority = fields.nullable("ca_certificate", .certificates) ?? nil
        let digest = fields.nullable("certificate_sha256", .sha256) ?? nil
        fields.exclude("certificate_sha256", where: "ca_certificate")
        fasKey = fields.nullable("faskey", .secret(256), "The shared key of openNDS, never printed.") ?? nil
        trust = digest.map { .pinned(sha256: $0) } ?? authority.map { .authority(pem: $0) } ?? .system
    }

    /// Secrets left out stay as they are in `old`; the password only for the same address, so that nobody who may
    /// change a site can have a password that he does not know sent to a router of his own.
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
    /// Throws `APIError` for what the operator does not let the workspace have. A name is judged when it is connected
    /// to.
    func check(_ policy: RouterPolicy, for workspace: Workspace) throws {
        guard policy.allows(driver, for: workspace) else {
            throw APIError(
                .driverNotAllowed,
                "This workspace may not use the driver '\(driver.rawValue)', which works on the portal's own machine. "
                    + "The portal's operator can allow it with the setting drivers.local.")
        }
        guard literalAddress.map(policy.admits) ?? true else {
            throw APIError.invalid(
                "router.url",
                "the address of a router: a loopback, link-local, multicast or metadata address is none. "
                    + "The portal's operator can permit it with the setting routers.allow_local")
        }
    }
}

extension RouterSettings.Driver? {
    fileprivate var isRouterOS: Bool { self == .routerosREST || self == .routerosAPI }
}
