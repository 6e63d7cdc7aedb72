internal import Captive

extension PortalEndpoints {
    /// What can be said of the portal's address alone.
    var addressFinding: Finding {
        guard isSecure else {
            return Finding(
                .portalAddress, .warning,
                "Guests reach the portal without TLS: the page is open to listeners, and devices take no Captive Portal API.",
                remedy: "Give the portal a public name and a certificate, and set public_url to https.",
                evidence: [origin])
        }
        guard !isAddress else {
            return Finding(
                .portalAddress, .warning,
                "The portal has no name: identity providers and RFC 8910 take names only.",
                remedy: "Give the portal a public name, and set public_url to it.", evidence: [origin])
        }
        return Finding(.portalAddress, .ok, "Guests reach the portal by name and over TLS.", evidence: [origin])
    }
}
