internal import NetworkAddress

/// Whom a request comes from, after trusted proxies had their say.
struct ClientOrigin {
    var client: IPAddress
    var isSecure: Bool
    /// In place of the request's own, if a trusted proxy names another.
    var authority: String?
    /// In place of the request's own, if some had to be taken out.
    var headers: Headers?

    init(client: IPAddress, isSecure: Bool, headers: Headers? = nil) {
        (self.client, self.isSecure, self.headers) = (client, isSecure, headers)
    }

    /// Believes forwarding fields if `peer` is a trusted proxy, and removes them if not.
    ///
    /// `X-Forwarded-*` is preferred, `Forwarded` (RFC 7239) read only in its absence; the two are never merged. Hops
    /// are walked from the right: the first that is no trusted proxy is the client.
    init(_ head: RequestHead, peer: IPAddress, isSecure: Bool, trusted: [Subnet]) {
        self.init(client: peer, isSecure: isSecure)
        guard head.hasForwardingFields else { return }
        guard trusted.contains(where: { $0.contains(peer) }) else {
            headers = ClientOrigin.stripped(head.headers)
            return
        }
        let addresses = head.headers.values("X-Forwarded-For")
        if addresses.isEmpty, !head.headers.values("Forwarded").isEmpty {
            believe(Forwarded.elements(of: head.headers.values("Forwarded")), trusted)
        } else {
            client = ClientOrigin.walk(ClientOrigin.list(addresses).map { Forwarded.address($0) }, from: peer, trusted)
            believe(scheme: ClientOrigin.list(head.headers.values("X-Forwarded-Proto")).last)
            believe(host: ClientOrigin.list(head.headers.values("X-Forwarded-Host")).last)
        }
    }

    private mutating func believe(_ elements: [Forwarded], _ trusted: [Subnet]) {
        client = ClientOrigin.walk(elements.map(\.client), from: client, trusted)
        believe(scheme: elements.last?.scheme)
        believe(host: elements.last?.host)
    }

    private mutating func believe(scheme: String?) {
        guard let scheme else { return }
        isSecure = scheme.lowercased() == "https"
    }

    private mutating func believe(host: String?) {
        guard let host, Authority.isValid(Array(host.utf8)) else { return }
        authority = host.lowercased()
    }

    /// The first hop from the right that is not trusted; stops before one whose address is hidden.
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
    /// Without blanks and tabs at both ends.
    var trimmingBlanks: String {
        String(drop { $0 == " " || $0 == "\t" }.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
