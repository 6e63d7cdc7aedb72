internal import NetworkAddress

/// The client of a request, after applying forwarding headers from trusted proxies.
struct ClientOrigin {
    var client: IPAddress
    var isSecure: Bool
    /// Replaces the request's authority; nil unless a trusted proxy sent another.
    var authority: String?
    /// Replaces the request's fields; nil unless forwarding fields were removed.
    var headers: Headers?

    init(client: IPAddress, isSecure: Bool, headers: Headers? = nil) {
        (self.client, self.isSecure, self.headers) = (client, isSecure, headers)
    }

    /// Applies forwarding fields if `peer` is a trusted proxy, otherwise removes them.
    ///
    /// Reads `Forwarded` (RFC 7239) only if there is no `X-Forwarded-For`; the two are never merged. Reads hops from
    /// right to left: the first that is not a trusted proxy is the client.
    init(_ head: RequestHead, peer: IPAddress, isSecure: Bool, trusted: [Subnet]) {
        self.init(client: peer, isSecure: isSecure)
        guard head.hasForwardingFields else { return }
        guard trusted.contains(where: { $0.contains(peer) }) else {
            headers = ClientOrigin.stripped(head.headers)
            return
        }
        let addresses = head.headers.values("X-Forwarded-For")
        if addresses.isEmpty, !head.headers.values("Forwarded").isEmpty {
            apply(Forwarded.elements(of: head.headers.values("Forwarded")), trusted)
        } else {
            client = ClientOrigin.walk(ClientOrigin.list(addresses).map { Forwarded.address($0) }, from: peer, trusted)
            apply(scheme: ClientOrigin.list(head.headers.values("X-Forwarded-Proto")).last)
            apply(host: ClientOrigin.list(head.headers.values("X-Forwarded-Host")).last)
        }
    }

    private mutating func apply(_ elements: [Forwarded], _ trusted: [Subnet]) {
        client = ClientOrigin.walk(elements.map(\.client), from: client, trusted)
        apply(scheme: elements.last?.scheme)
        apply(host: elements.last?.host)
    }

    private mutating func apply(scheme: String?) {
        guard let scheme else { return }
        isSecure = scheme.lowercased() == "https"
    }

    private mutating func apply(host: String?) {
        guard let host, Authority.isValid(Array(host.utf8)) else { return }
        authority = host.lowercased()
    }

    /// The first hop from the right that is not trusted; stops before a hop without an address.
    private static func walk(_ hops: [IPAddress?], from peer: IPAddress, _ trusted: [Subnet]) -> IPAddress {
        var client = peer
        for hop in hops.reversed() {
            guard let hop else { return client }
            client = hop
            guard trusted.contains(where: { $0.contains(hop) }) else { return client }
        }
        return client
    }

    private static func list(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",") }.map { $0.trimmingBlanks }.filter { !$0.isEmpty }
    }

    private static func stripped(_ headers: Headers) -> Headers {
        var headers = headers
        for name in ["Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"] { headers[name] = nil }
        return headers
    }
}

extension StringProtocol {
    /// The text without blanks and tabs at its ends.
    var trimmingBlanks: String {
        var bytes = Substring(self).utf8.drop(while: \.isBlank)
        while bytes.last?.isBlank == true { bytes.removeLast() }
        return String(Substring(bytes))
    }
}
