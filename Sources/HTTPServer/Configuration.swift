package import NetworkAddress

extension Server {
    /// Where to listen, and how to treat who comes.
    package struct Configuration: Sendable {
        /// Served by every loop.
        package var listeners: [Listener]
        /// Event loops, each with a thread of its own; at least 1.
        package var loops: Int
        /// The same for all listeners.
        package var limits: Limits
        /// Peers whose `X-Forwarded-*`, `Forwarded` and PROXY headers are believed.
        package var trustedProxies: [Subnet]
        /// Whether every connection must begin with a PROXY header, and come from a trusted proxy.
        package var proxyProtocol: Bool
        /// For the `Server` field; nil for none.
        package var serverName: String?

        /// Defaults: a loop for each processor, no proxies, no `Server` field.
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

    /// One address to accept connections at.
    package struct Listener: Sendable {
        /// Port 0: the system chooses. `[::]` takes IPv4 too.
        package var address: SocketAddress
        /// nil: plain HTTP.
        package var tls: TLSConfiguration?
        /// Requires PROXY headers here even if the server's configuration does not.
        package var proxyProtocol: Bool

        /// A plain listener unless `tls` is given.
        package init(address: SocketAddress, tls: TLSConfiguration? = nil, proxyProtocol: Bool = false) {
            self.address = address
            self.tls = tls
            self.proxyProtocol = proxyProtocol
        }
    }

    /// PEM files of a certificate chain, leaf first, and of its key. A change is noticed within a second or two.
    package struct TLSConfiguration: Sendable, Hashable {
        /// Path of the chain.
        package var certificateFile: String
        /// Path of the unencrypted key.
        package var keyFile: String

        /// Files are read by `Server.start`.
        package init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }
}
