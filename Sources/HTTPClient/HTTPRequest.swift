package import NetworkAddress

/// A request. Only `http` and `https` URLs are allowed; proxy settings in the environment are ignored.
package struct HTTPRequest: Sendable {
    /// A token (RFC 9110 section 9.1), sent unchanged.
    package var method: String
    /// An absolute, percent-encoded URL, sent unchanged.
    package var url: String
    /// Names and values without line breaks.
    package var headers: [(name: String, value: String)]
    /// nil sends no body; an empty body is sent with `Content-Length: 0`.
    package var body: [UInt8]?
    /// For HTTP Basic; sent without waiting for a challenge.
    package var credentials: Credentials?
    /// Time for the whole exchange, including the wait for a connection.
    package var timeout: Duration
    /// A longer response fails with `.tooLarge`.
    package var maxResponseBytes: Int
    /// Ignored for `http`.
    package var trust: Trust
    /// Maximum number of redirects to follow; 0 returns the redirect itself.
    package var redirects: Int
    /// `ADDRESS:PORT` to connect to instead of the URL's host and port; an IPv6 address is in brackets. The host is
    /// then not resolved; it is still sent in `Host` and in the TLS handshake.
    package var connectTo: String?
    /// Whether to read the response's body. If false, the response ends after its fields and the connection is closed.
    package var keepsBody = true
    /// Whether an address may be connected to; nil allows all. Called on the client's thread after the host is
    /// resolved.
    package var admits: (@Sendable (IPAddress) -> Bool)?

    /// User name and password for HTTP Basic (RFC 7617). Its description is redacted.
    package struct Credentials: Sendable, CustomStringConvertible, CustomReflectable {
        let user: String
        let password: String

        /// `user` must not contain a colon (RFC 7617 section 2).
        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }

        package var description: String { "•••" }
        package var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// Which certificate of an `https` server is accepted.
    package enum Trust: Sendable, Hashable {
        /// A certificate for the host, issued by an authority of the system or of the PEM file.
        case system(extraAuthorities: String? = nil)
        /// A certificate for the host, issued by one of these authorities (PEM text).
        case authority(pem: String)
        /// The certificate whose DER form has this SHA-256 digest (32 bytes); name, dates and issuer are not checked.
        case pinned(sha256: [UInt8])
        /// Any certificate. The response's `certificate` describes it and tells whether an authority of the system or
        /// of the PEM file issued it. For diagnosis only: send no secrets and do not trust the response.
        case observed(extraAuthorities: String? = nil)
    }

    /// A request. The default limits suit a small response from a nearby server.
    package init(
        _ method: String = "GET", _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8]? = nil,
        credentials: Credentials? = nil, timeout: Duration = .seconds(10), maxResponseBytes: Int = 1 << 20,
        trust: Trust = .system(), redirects: Int = 0, connectTo: String? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.credentials = credentials
        self.timeout = timeout
        self.maxResponseBytes = maxResponseBytes
        self.trust = trust
        self.redirects = redirects
        self.connectTo = connectTo
    }
}
