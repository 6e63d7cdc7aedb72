internal import Dispatch
internal import Glibc
internal import NetworkAddress

/// Resolves host names through the system's resolver, one after the other, on a separate thread.
struct HostLookup: Sendable {
    private let queue = DispatchQueue(label: "portico.names")

    /// All addresses of `host`; empty if it cannot be resolved (getaddrinfo(3)).
    func addresses(of host: String) async -> [IPAddress] {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: Self.ask(host)) }
        }
    }

    private static func ask(_ host: String) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        return sequence(state: first) { next -> addrinfo? in
            defer { next = next?.pointee.ai_next }
            return next?.pointee
        }.compactMap(address)
    }

    private static func address(_ entry: addrinfo) -> IPAddress? {
        guard let socket = UnsafeRawPointer(entry.ai_addr) else { return nil }
        switch entry.ai_family {
        case AF_INET:
            return withUnsafeBytes(of: socket.load(as: sockaddr_in.self).sin_addr) { IPAddress(networkOrder: $0) }
        case AF_INET6:
            return withUnsafeBytes(of: socket.load(as: sockaddr_in6.self).sin6_addr) { IPAddress(networkOrder: $0) }
        default: return nil
        }
    }
}
