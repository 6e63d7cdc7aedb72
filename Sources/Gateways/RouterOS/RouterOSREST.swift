internal import Captive
internal import Foundation
internal import HTTPClient
internal import NetworkAddress

/// The REST interface of one router (RouterOS 7), with HTTP Basic authentication. Few requests run at a time, because a
/// router's web service accepts 20 connections by default and its CPU is slow.
struct RouterOSREST: RouterOSClient {
    private let http: HTTPClient
    private let base: String
    private let credentials: HTTPRequest.Credentials
    private let trust: HTTPRequest.Trust
    private let admits: @Sendable (IPAddress) -> Bool
    private let slots: AsyncSemaphore

    private let callTimeout: Duration

    init(_ access: RouterOSEndpoint, http: HTTPClient, callTimeout: Duration, slots: AsyncSemaphore = AsyncSemaphore(4))
    {
        self.http = http
        self.slots = slots
        self.callTimeout = callTimeout
        base = "\(access.scheme)://\(access.authority)/rest/"
        credentials = .init(user: access.name, password: access.password)
        trust = access.trust
        admits = access.admits
    }

    func rows(
        _ menu: String, where filter: KeyValuePairs<String, String>, fields: [String],
        atMost limit: RouterOSAnswerLimit, before deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        let terms = filter.map { "\($0.key)=\(Self.escape($0.value))" } + [".proplist=\(fields.joined(separator: ","))"]
        let answer = try await call("GET", "\(menu)?\(terms.joined(separator: "&"))", nil, limit, deadline)
        return try Self.rows(in: answer, fields, limit)
    }

    func rows(
        _ menu: String, any alternatives: [String], fields: [String], before deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        // The query is evaluated on a stack: n terms need n - 1 "or" operators.
        let query = alternatives + Array(repeating: "#|", count: max(0, alternatives.count - 1))
        let body = Self.encode([".proplist": fields, ".query": query])
        return try Self.rows(in: try await call("POST", "\(menu)/print", body, .few, deadline), fields, .few)
    }

    func single(_ menu: String, fields: [String], before deadline: Deadline) async throws(RouterOSFault) -> RouterOSRow
    {
        let answer = try await call("GET", menu, nil, .few, deadline)
        return try Self.decoded { () throws(RouterOSRowReader.Failure) in
            try RouterOSRowReader.row(in: answer.body, fields: fields)
        }
    }

    func add(_ menu: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) {
        _ = try await call("PUT", menu, Self.encode(values), .few, deadline)
    }

    func set(_ menu: String, id: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) {
        _ = try await call("PATCH", "\(menu)/\(id)", Self.encode(values), .few, deadline)
    }

    func remove(_ menu: String, id: String, before deadline: Deadline) async throws(RouterOSFault) {
        do { _ = try await call("DELETE", "\(menu)/\(id)", nil, .few, deadline) } catch .notFound {}
    }

    func run(_ command: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) {
        _ = try await call("POST", command, Self.encode(values), .few, deadline)
    }

    private func call(
        _ method: String, _ target: String, _ body: [UInt8]?, _ limit: RouterOSAnswerLimit, _ deadline: Deadline
    ) async throws(RouterOSFault) -> HTTPResponse {
        guard await slots.acquire() else { throw .definite(.busy(RouterOSFault.tooManyCalls)) }
        defer { slots.release() }
        let left = deadline.left
        guard left > .zero else { throw .definite(.unreachable("no time left for the call")) }
        var request = HTTPRequest(
            method, base + target, headers: body == nil ? [] : [("Content-Type", "application/json")], body: body,
            credentials: credentials, timeout: min(left, callTimeout), maxResponseBytes: limit.bytes, trust: trust)
        request.admits = admits
        let response: HTTPResponse
        do { response = try await http.send(request) } catch { throw RouterOSFault(error) }
        guard (200..<300).contains(response.status) else {
            throw RouterOSFault(status: response.status, body: response.body, reading: Self.isReading(method, target))
        }
        return response
    }

    private static func isReading(_ method: String, _ target: String) -> Bool {
        method == "GET" || target.hasSuffix("/print")
    }

    /// Escapes everything but unreserved characters (RFC 3986 section 2.3). RouterOS reads `+` as a space.
    private static func escape(_ value: String) -> String {
        value.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    private static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        // Safe because strings, arrays and dictionaries of strings can always be encoded.
        return (try? encoder.encode(value)).map(Array.init) ?? []
    }

    private static func rows(
        in answer: HTTPResponse, _ fields: [String], _ limit: RouterOSAnswerLimit
    ) throws(RouterOSFault) -> [RouterOSRow] {
        try decoded { () throws(RouterOSRowReader.Failure) in
            try RouterOSRowReader.rows(in: answer.body, fields: fields, atMost: limit.rows)
        }
    }

    private static func decoded<T>(_ read: () throws(RouterOSRowReader.Failure) -> T) throws(RouterOSFault) -> T {
        do { return try read() } catch {
            switch error {
            case .tooManyRows: throw .tooLong
            case .malformed:
                throw .definite(.misconfigured("the device does not respond like RouterOS's REST interface"))
            }
        }
    }
}
