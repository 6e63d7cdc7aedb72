/// All settings, in the order of the documentation.
enum Setting: String, CaseIterable {
    case publicURL = "public_url"
    case httpListen = "http.listen"
    case httpsListen = "https.listen"
    case httpsCertificate = "https.certificate"
    case httpsKey = "https.key"
    case adminListen = "admin.listen"
    case databaseURL = "database.url"
    case secretKeys = "secret.keys"
    case workers
    case trustedProxies = "trusted_proxies"
    case proxyProtocol = "proxy_protocol"
    case apiJWKSURL = "api.jwks_url"
    case apiIssuer = "api.issuer"
    case apiAudience = "api.audience"
    case azureAuthority = "oauth.azure.authority"
    case googleIssuer = "oauth.google.issuer"
    case githubURL = "oauth.github.url"
    case githubAPIURL = "oauth.github.api_url"
    case githubPKCE = "oauth.github.pkce"
    case oauthCACertificate = "oauth.ca_certificate"
    case smtpURL = "smtp.url"
    case smtpFrom = "smtp.from"
    case smtpCACertificate = "smtp.ca_certificate"
    case webhooksAllowPrivate = "webhooks.allow_private"
    case driversLocal = "drivers.local"
    case routersAllowLocal = "routers.allow_local"
    case templatesDirectory = "templates.directory"
    case publicDirectory = "public.directory"
    case retentionDays = "retention.days"
    case auditDays = "retention.audit_days"
    case triesPerMinute = "limits.code_tries_per_minute"
    case bodyLimit = "limits.json_body"
    case headerLimit = "limits.header_bytes"
    case headerFields = "limits.header_fields"
    case requestLine = "limits.request_line"
    case connections = "limits.connections"
    case connectionsPerClient = "limits.connections_per_client"
    case headerTime = "limits.header_seconds"
    case idleTime = "limits.idle_seconds"
    case handshakeTime = "limits.handshake_seconds"
    case logLevel = "log.level"
    case logFormat = "log.format"

    /// The environment variable: `PORTICO_` and the name in upper case, with underscores instead of dots.
    var environmentName: String { "PORTICO_" + rawValue.uppercased().replacing(".", with: "_") }

    /// Returns the setting whose name has the smallest edit distance from `name`.
    static func nearest(to name: String) -> Setting? {
        allCases.min { distance($0.rawValue, name) < distance($1.rawValue, name) }
    }

    /// The Levenshtein distance, computed row by row.
    private static func distance(_ left: String, _ right: String) -> Int {
        let target = Array(right.utf8)
        var row = Array(0...target.count)
        for (i, byte) in left.utf8.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for j in target.indices {
                let substitution = diagonal + (byte == target[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(substitution, row[j] + 1, diagonal + 1)
            }
        }
        return row[target.count]
    }
}
