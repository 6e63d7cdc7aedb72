internal import Captive
internal import HTTPClient
internal import NetworkAddress

/// A router's address, the portal's credentials on it, and the certificate that it has to present.
struct RouterOSEndpoint: Sendable {
    let scheme: String
    /// Host and optional port.
    let authority: String
    let name: String
    let password: String
    let trust: HTTPRequest.Trust
    /// Whether a resolved address may be connected to.
    let admits: @Sendable (IPAddress) -> Bool

    /// Throws `.misconfigured` for incomplete settings. `schemes`: the URL schemes that the driver supports.
    init(_ settings: RouterSettings, schemes: [String], policy: RouterPolicy) throws(GatewayError) {
        admits = policy.admits
        let url = settings.url ?? ""
        guard let scheme = schemes.first(where: { url.lowercased().hasPrefix($0 + "://") }) else {
            throw .misconfigured(
                "the site's router has no url that begins with \(schemes.map { "\($0)://" }.joined(separator: " or "))")
        }
        guard let name = settings.username, let password = settings.password else {
            throw .misconfigured("the site's router has no username and password")
        }
        guard let password = password.revealed else {
            throw .misconfigured("the stored router password \(Secret.unreadableAdvice)")
        }
        let rest = url.dropFirst(scheme.count + 3)
        self.scheme = scheme
        authority = String(rest.hasSuffix("/") ? rest.dropLast() : rest)
        self.name = name
        self.password = password
        trust =
            switch settings.trust {
            case .system: .system()
            case .authority(let pem): .authority(pem: pem)
            case .pinned(let sha256): .pinned(sha256: sha256)
            }
    }

    /// Whether the authority has a port. Colons within brackets belong to an IPv6 address.
    var hasPort: Bool { authority.split(separator: "]", omittingEmptySubsequences: false).last?.contains(":") ?? false }
}
