internal import Captive

extension PortalEndpoints {
    /// Checks `public_url` alone.
    var addressFinding: Finding {
        guard isSecure else {
            return Finding(
                .portalAddress, .warning,
                "Guests reach the portal without TLS: others can read the traffic, and devices ignore the Captive Portal API.",
                remedy: "Get a public domain name and a certificate, and set public_url to the https address.",
                evidence: [origin])
        }
        guard !isAddress else {
            return Finding(
                .portalAddress, .warning,
                "public_url has no domain name, which identity providers and RFC 8910 require.",
                remedy: "Get a public domain name, and set public_url to it.", evidence: [origin])
        }
        return Finding(.portalAddress, .ok, "Guests reach the portal by name over TLS.", evidence: [origin])
    }
}
