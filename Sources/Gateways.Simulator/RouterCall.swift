internal import HTTPServer

/// A parsed request to the router: from REST, or a command of the API, represented as a POST.
struct RouterCall: Sendable {
    enum Body: Sendable {
        case json([UInt8])
        case members([String: WireJSON.Value])
    }

    /// The interface and identity of the caller.
    enum Caller: Sendable {
        /// REST, with the value of the `Authorization` field, if any.
        case rest(String?)
        /// A logged-in client of the API.
        case api
        /// An admin at the console, with all permissions.
        case console
    }

    let method: String
    /// The segments of the path below `/rest`.
    let path: [String]
    /// Name-value pairs of the URL's query, except names that begin with a dot.
    let equalities: [(String, String)]
    /// The fields requested in the URL; nil for all.
    let proplist: [String]?
    let body: Body
    let caller: Caller
    /// Whether the target has a percent-encoded `*`. RouterOS does not decode ids: `%2A1A` is not one.
    let hasEncodedStar: Bool

    init(
        method: String, path: String, query: [(name: String, value: String)] = [], body: [UInt8] = [],
        authorization: String?, hasEncodedStar: Bool = false
    ) {
        self.method = method
        self.path = path.split(separator: "/").dropFirst().map(String.init)
        equalities = query.filter { !$0.name.hasPrefix(".") }.map { ($0.name, $0.value) }
        proplist = query.first { $0.name == ".proplist" }?.value.split(separator: ",").map(String.init)
        self.body = .json(body)
        caller = .rest(authorization)
        self.hasEncodedStar = hasEncodedStar
    }

    /// `command` is in the API's form, such as `/ip/hotspot/user/print`.
    init(command: String, _ members: [String: WireJSON.Value], caller: Caller = .api) {
        method = "POST"
        path = command.split(separator: "/").map(String.init)
        equalities = []
        proplist = nil
        body = .members(members)
        self.caller = caller
        hasEncodedStar = false
    }

    init(_ request: Request) {
        self.init(
            method: request.method.rawValue, path: request.path, query: request.queryParameters().all,
            body: request.body, authorization: request.headers["Authorization"],
            hasEncodedStar: request.rawTarget.uppercased().contains("%2A"))
    }

    /// The path without ids.
    var menu: String { path.filter { !$0.hasPrefix("*") }.joined(separator: "/") }

    /// Method and menu, which identify a request for counts and faults. A command of the API has the name of the
    /// corresponding REST method.
    var name: String {
        guard method == "POST", let verb = Self.verbs[path.last ?? ""] else { return "\(method) \(menu)" }
        return "\(verb) \(path.dropLast().joined(separator: "/"))"
    }

    private static let verbs = ["add": "PUT", "set": "PATCH", "remove": "DELETE"]

    var isReading: Bool { method == "GET" || path.last == "print" }
}
