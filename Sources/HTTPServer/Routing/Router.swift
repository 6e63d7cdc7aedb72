/// Finds the route of a request in a trie of path segments. A literal segment takes precedence over a parameter, and a
/// parameter over `{rest...}`.
package struct Router: Sendable {
    /// Result of a lookup.
    package enum Match: Sendable {
        case found(Route, parameters: [String: String])
        /// The path exists with these methods only; sorted, with HEAD if there is GET.
        case methodNotAllowed(allow: [Method])
        case notFound
    }

    private var root = RouteNode()

    /// Stops the program if two routes have the same method and an equivalent pattern.
    package init(_ routes: [Route]) {
        for route in routes { root.insert(route, Router.segments(route.pattern)[...], names: []) }
    }

    /// The route for a normalised path. HEAD uses the GET route unless it has its own.
    package func match(_ method: Method, _ path: String) -> Match {
        var captured: [Substring] = []
        guard path.hasPrefix("/"), let endpoints = root.find(Router.segments(path)[...], &captured) else {
            return .notFound
        }
        guard let endpoint = endpoints[method] ?? (method == .head ? endpoints[.get] : nil) else {
            var allow = Set(endpoints.keys)
            if allow.contains(.get) { allow.insert(.head) }
            return .methodNotAllowed(allow: allow.sorted { $0.rawValue < $1.rawValue })
        }
        let pairs = zip(endpoint.names, captured.map(String.init))
        return .found(endpoint.route, parameters: Dictionary(pairs) { first, _ in first })
    }

    private static func segments(_ path: String) -> [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }
}

/// A node of the trie.
private struct RouteNode: Sendable {
    struct Endpoint: Sendable {
        let route: Route
        let names: [String]
    }

    private var literals: [Substring: RouteNode] = [:]
    /// At most one; an array because a struct cannot contain itself.
    private var parameter: [RouteNode] = []
    private var endpoints: [Method: Endpoint] = [:]
    private var rest: [Method: Endpoint] = [:]

    mutating func insert(_ route: Route, _ segments: ArraySlice<Substring>, names: [String]) {
        guard let segment = segments.first else { return RouteNode.add(route, names, to: &endpoints) }
        let remaining = segments.dropFirst()
        guard segment.hasPrefix("{"), segment.hasSuffix("}") else {
            literals[segment, default: RouteNode()].insert(route, remaining, names: names)
            return
        }
        let name = String(segment.dropFirst().dropLast())
        if name.hasSuffix("..."), remaining.isEmpty {
            RouteNode.add(route, names + [String(name.dropLast(3))], to: &rest)
        } else {
            if parameter.isEmpty { parameter = [RouteNode()] }
            parameter[0].insert(route, remaining, names: names + [name])
        }
    }

    private static func add(_ route: Route, _ names: [String], to endpoints: inout [Method: Endpoint]) {
        let old = endpoints.updateValue(Endpoint(route: route, names: names), forKey: route.method)
        precondition(old == nil, "two routes for \(route.method) \(route.pattern)")
    }

    /// Returns the endpoints for `segments` and appends the values of the parameters to `captured`; nil if there are
    /// none.
    func find(_ segments: ArraySlice<Substring>, _ captured: inout [Substring]) -> [Method: Endpoint]? {
        guard let segment = segments.first else { return endpoints.isEmpty ? nil : endpoints }
        if let next = literals[segment], let found = next.find(segments.dropFirst(), &captured) { return found }
        if let next = parameter.first, !segment.isEmpty {
            captured.append(segment)
            if let found = next.find(segments.dropFirst(), &captured) { return found }
            captured.removeLast()
        }
        guard !rest.isEmpty else { return nil }
        captured.append(Substring(segments.joined(separator: "/")))
        return rest
    }
}
