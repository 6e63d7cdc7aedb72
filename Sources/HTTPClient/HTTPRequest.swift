package import NetworkAddress

/// One request. Only `http` and `https` addresses are sent; a proxy in the environment is not used.
package struct HTTPRequest: Sendable {
    /// A token (RFC 9110 section 9.1), sent as it is.
    package var method: String
    /// Absolute, percent-encoded; sent as it is.
    package var url: String
    /// Names and values without line breaks.
    package var headers: [(name: String, value: String)]
    /// nil sends no body; an empty one is sent with length 0.
    package var body: [UInt8]?
    /// For HTTP Basic, sent with the first request already.
    package var credentials: Credentials?
    /// For the whole exchange, waiting for a connection included.
    package var timeout: Duration
    /// A longer answer is given up with `.tooLarge`.
    package var maxResponseBytes: Int
    /// Without effect for `http`.
    package var trust: Trust
    /// Most redirects to follow; 0 returns the redirect itself.
    package var redirects: Int
    /// Where to connect instead of the address's own host and port, as `ADDRESS:PORT`, an IPv6 address in brackets. The
    /// host is then neither looked up nor contacted; it stays in `Host` and in the TLS handshake.
    package var connectTo: String?
    /// Whether the answer's body is wanted. If not, the answer is complete without it and the connection is closed.
    package var keepsBody = true
    /// Which addresses may be connected to; nil for any. Asked on the client's thread,
    /// once the host's name is resolved.
    package var admits: (@Sendable (IPAddress) -> Bool)?

    /// User name and password for HTTP Basic (RFC 7617). Printing it shows dots.
    package struct Credentials: Sendable, CustomStringConvertible, CustomReflectable {
        let user: String
        let password: String

        /// `user` may hold no colon (RFC 7617 section 2).
        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }

        package var description: String { "•••" }
        package var customMirror: Mirror { Mirror(self, children: []) }
    }

    /// Which certificate an `https` server must show.
    package enum Trust: Sendable, Hashable {
        /// One for its name that the system's authorities, or those in the PEM file, vouch for.
        case system(extraAuthorities: String? = nil)
        /// One for its name that is signed by these authorities (PEM text).
        case authority(pem: String)
        /// The one whose DER form has this SHA-256 digest (32 bytes); its name, dates and issuer do not matter.
        case pinned(sha256: [UInt8])
        /// Any: what it showed, and whether the system's authorities, or those in the PEM file, vouch for it, is in the
        /// answer's `certificate`. For looking only: send no secret, believe nothing that comes back.
        case observed(extraAuthorities: String? = nil)
    }

    /// A request with the limits that suit a small answer from near by.
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
