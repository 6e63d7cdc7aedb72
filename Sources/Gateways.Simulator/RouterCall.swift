internal import HTTPServer

/// A request to the REST interface, taken apart.
struct RouterCall: Sendable {
    let method: String
    /// The path's parts below `/rest`.
    let path: [String]
    /// Equalities of a URL's query, without the words that begin with a dot.
    let equalities: [(String, String)]
    /// The fields asked for in the URL.
    let proplist: [String]?
    let body: [UInt8]
    let authorization: String?
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
        self.body = body
        self.authorization = authorization
        self.hasEncodedStar = hasEncodedStar
    }

    init(_ request: Request) {
        self.init(
            method: request.method.rawValue, path: request.path, query: request.queryParameters().all,
            body: request.body, authorization: request.headers["Authorization"],
            hasEncodedStar: request.rawTarget.uppercased().contains("%2A"))
    }

    /// The path without ids.
    var menu: String { path.filter { !$0.hasPrefix("*") }.joined(separator: "/") }

    /// Method and menu, by which requests are counted and go wrong.
    var name: String { "\(method) \(menu)" }

    var isReading: Bool { method == "GET" || path.last == "print" }
}
