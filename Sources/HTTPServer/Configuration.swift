package import NetworkAddress

extension Server {
    /// Listeners, limits and trusted proxies of a server.
    package struct Configuration: Sendable {
        /// Addresses to listen on; every loop serves all of them.
        package var listeners: [Listener]
        /// Number of event loops, each with its own thread; at least 1.
        package var loops: Int
        /// Apply to all listeners.
        package var limits: Limits
        /// Peers whose `X-Forwarded-*`, `Forwarded` and PROXY headers are applied.
        package var trustedProxies: [Subnet]
        /// Whether every connection must come from a trusted proxy and begin with a PROXY header.
        package var proxyProtocol: Bool
        /// Value of the `Server` field; nil omits the field.
        package var serverName: String?
        /// Number of the process's descriptors that connections leave free for other uses; at most a quarter of all.
        package var reservedDescriptors = 0

        /// Defaults to one loop per processor, no trusted proxies and no `Server` field.
        package init(
            listeners: [Listener], loops: Int = Server.processorCount, limits: Limits = Limits(),
            trustedProxies: [Subnet] = [], proxyProtocol: Bool = false, serverName: String? = nil
        ) {
            self.listeners = listeners
            self.loops = loops
            self.limits = limits
            self.trustedProxies = trustedProxies
            self.proxyProtocol = proxyProtocol
            self.serverName = serverName
        }
    }

    /// An address to accept connections on.
    package struct Listener: Sendable {
        /// Port 0 lets the system choose a port. `[::]` also accepts IPv4.
        package var address: SocketAddress
        /// nil for plain HTTP.
        package var tls: TLSConfiguration?
        /// Requires PROXY headers on this listener even if the server's configuration does not.
        package var proxyProtocol: Bool

        /// A plain HTTP listener unless `tls` is given.
        package init(address: SocketAddress, tls: TLSConfiguration? = nil, proxyProtocol: Bool = false) {
            self.address = address
            self.tls = tls
            self.proxyProtocol = proxyProtocol
        }
    }

    /// PEM files of a certificate chain, leaf first, and of its key. A changed file is loaded within two seconds.
    package struct TLSConfiguration: Sendable, Hashable {
        /// Path of the certificate chain.
        package var certificateFile: String
        /// Path of the unencrypted key.
        package var keyFile: String

        /// Does not read the files; `Server.start` does.
        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }

        /// Throws `TLSError` if a file cannot be read or the key does not match the certificate.
        package func check() throws(TLSError) { try TLSContext.check(self) }
    }
}
