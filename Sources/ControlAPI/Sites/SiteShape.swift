import Captive

extension Site: Pageable, Shaped {
    static let shape = Shape<Site>(
        "Site",
        [
            .init("id", "The site's ID, chosen by the client that creates it.") { $0.id },
            .init("name", "The name, shown to admins only.") { $0.name },
            .init("router", "The router of the site; null if none.") { $0.router },
            .init("created_at", "When the site was created.") { $0.createdAt },
        ])
}

/// Does not contain the secrets.
extension RouterSettings: Shaped {
    static let shape = Shape<RouterSettings>(
        "Router",
        [
            .init("driver", "How the portal controls the router. `none`: sessions are recorded in the database only.") {
                $0.driver
            },
            .init("url", "Scheme, host and port; required for the RouterOS drivers.") { $0.url },
            .init("username", "Router user name.") { $0.username },
            .init("ca_certificate", "PEM certificate of the authority that signed the router's certificate.") {
                $0.trust.authority
            },
            .init(
                "certificate_sha256", "SHA-256 digest of the router's certificate, as an alternative to an authority."
            ) {
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
