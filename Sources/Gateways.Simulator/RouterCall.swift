internal import HTTPServer

/// A request to the router, taken apart: REST's, or a command of the API, which is the POST of that command.
struct RouterCall: Sendable {
    enum Body: Sendable {
        case json([UInt8])
        case members([String: WireJSON.Value])
    }

    /// Who asks.
    enum Caller: Sendable {
        /// With this `Authorization` field, or none.
        case rest(String?)
        /// Someone who has logged in to the API.
        case api
        /// An admin at the console, who may do everything.
        case console
    }

    let method: String
    /// The path's parts below `/rest`.
    let path: [String]
    /// Equalities of a URL's query, without the words that begin with a dot.
    let equalities: [(String, String)]
    /// The fields asked for in the URL.
    let proplist: [String]?
    let body: Body
    let caller: Caller
    /// RouterOS takes an id as it is written: `%2A1A` is none.
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

    /// `command`: as the API writes it, `/ip/hotspot/user/print`.
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

    /// Method and menu, by which requests are counted and go wrong; a command of the API has the name
    /// of REST's verb for it.
    var name: String {
        guard method == "POST", let verb = Self.verbs[path.last ?? ""] else { return "\(method) \(menu)" }
        return "\(verb) \(path.dropLast().joined(separator: "/"))"
    }

    private static let verbs = ["add": "PUT", "set": "PATCH", "remove": "DELETE"]

    var isReading: Bool { method == "GET" || path.last == "print" }
}
