import Captive

extension Site: Listed, Shaped {
    static let shape = Shape<Site>(
        "Site",
        [
            .init("id", "The site's ID, which whoever names it first has chosen.") { $0.id },
            .init("name", "A name for admins.") { $0.name },
            .init("router", "The router that guards the site; null until one is given.") { $0.router },
            .init("created_at", "When it was first named.") { $0.createdAt },
        ])
}

/// Without its secrets.
extension RouterSettings: Shaped {
    static let shape = Shape<RouterSettings>(
        "Router",
        [
            .init("driver", "How the portal speaks to the router; `none`: guests are let through in the books only.") {
                $0.driver
            },
            .init("url", "Scheme, host and port, for the RouterOS drivers.") { $0.url },
            .init("username", "Whom the portal signs in as.") { $0.username },
            .init("ca_certificate", "The authority that vouches for the router's certificate, as PEM.") {
                $0.trust.authority
            },
            .init("certificate_sha256", "The SHA-256 digest of the router's certificate, in place of an authority.") {
                $0.trust.digest
            },
        ])
}

extension RouterSettings.Driver: JSONRepresentable {}

extension RouterSettings.Trust {
    fileprivate var authority: String? {
        if case .authority(let pem) = self { pem } else { nil }
    }

    fileprivate var digest: String? {
        guard case .pinned(let sha256) = self else { return nil }
        return sha256.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
