/// The header fields of a guest's page. They forbid scripts, framing, referrers and caching.
package struct PageHeaders: Sendable {
    /// Origins to which the response to a form may redirect: those of the identity providers in use, such as
    /// `https://login.microsoftonline.com`. Chromium applies `form-action` to redirects too.
    package var formOrigins: [String] = []
    /// Whether guests reach the portal over https; Strict-Transport-Security has a meaning only then (RFC 6797).
    package var isSecure = false

    package init(formOrigins: [String] = [], isSecure: Bool = false) {
        self.formOrigins = formOrigins
        self.isSecure = isSecure
    }

    /// Returns the fields of one page, in the order in which they are sent.
    package func fields(for page: RenderedPage) -> [(name: String, value: String)] {
        var fields = [
            (name: "Content-Type", value: "text/html; charset=utf-8"),
            (name: "Content-Language", value: page.languageTag),
            (name: "Content-Security-Policy", value: policy(styleHash: page.styleHash)),
            (name: "Referrer-Policy", value: "no-referrer"),
            (name: "X-Content-Type-Options", value: "nosniff"),
            (name: "Cache-Control", value: "no-store"),
            (name: "Vary", value: "Accept-Encoding, Accept-Language"),
        ]
        if let refresh = page.refresh { fields.append((name: "Refresh", value: String(refresh))) }
        if isSecure { fields.append((name: "Strict-Transport-Security", value: "max-age=31536000")) }
        return fields
    }

    private func policy(styleHash: String) -> String {
        let targets = (["'self'"] + formOrigins).joined(separator: " ")
        return "default-src 'none'; style-src '\(styleHash)'; img-src 'self' data:; form-action \(targets); "
            + "base-uri 'none'; frame-ancestors 'none'"
    }
}
