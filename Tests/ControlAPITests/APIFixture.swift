// These tests call the control API through its routes, over the real store on SQLite in a temporary folder. Reading
// order: APIFixture, SeedTests, then a file for each resource and subject.

import Captive
import Doctor
import Foundation
import HTTPServer
import Logging
import NetworkAddress
import Storage
import Synchronization
import Testing

@testable import ControlAPI

/// A control API with its own store, a clock that tests set, and a token with all scopes.
final class APIFixture: Sendable {
    let store: Store
    let controlAPI: ControlAPI
    let time = TestTime()
    let marked = MarkedDevices()
    let log = RecordedLog()
    let gateways = FakeGateways()
    let gardens: FakeKeeper
    let sealer: Sealer
    let issuer: TokenIssuer
    let revocations: TokenRevocations
    let token: String
    let database: SQLiteDatabase
    private let router: Router
    private let folder: URL

    static let publicURL = "https://portal.example"
    static let key = [UInt8](repeating: 7, count: 32)

    init(
        keys: [[UInt8]] = [APIFixture.key], externalIssuer: ExternalIssuer? = nil, examiner: (any SiteExaminer)? = nil,
        runsPerHour: Int = 600
    ) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "control-api-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let sealer = try #require(Sealer(keys: keys))
        self.sealer = sealer
        database = try SQLiteDatabase(path: folder.appending(path: "portico.db").path)
        let marked = marked
        store = Store(database, sealer: sealer) { marked.note($0) }
        _ = try await store.migrate(now: Date())
        gardens = FakeKeeper(store)
        revocations = TokenRevocations(store: store)
        issuer = TokenIssuer(sealer: sealer, store: store)
        let (time, log) = (time, log)
        var roles = ControlAPI.Roles(
            store: store, gateways: gateways, gardens: gardens, sealer: sealer)
        roles.externalIssuer = externalIssuer
        roles.revocations = revocations
        roles.examiner = examiner
        roles.runsPerHour = runsPerHour
        roles.clock = { time.now }
        controlAPI = ControlAPI(roles, publicURL: APIFixture.publicURL, logger: Logger(label: "test") { _ in log })
        router = Router(controlAPI.routes)
        token = try await issuer.issue(
            workspace: .default, scopes: [.read, .write], lifetime: 86_400, now: time.now)
    }

    deinit {
        try? database.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Sends a request with `token`, which defaults to the fixture's token; without a token if it is empty.
    func send(
        _ method: HTTPServer.Method, _ target: String, _ json: String? = nil, token: String? = nil,
        headers: Headers = [:]
    ) async throws -> APIResponse {
        var headers = headers
        let token = token ?? self.token
        if !token.isEmpty { headers.add("Authorization", "Bearer \(token)") }
        if json != nil, headers["Content-Type"] == nil { headers.add("Content-Type", "application/json") }
        return try await send(Request(method: method, target: target, headers: headers, body: Array((json ?? "").utf8)))
    }

    /// Sends a multipart form, as curl does.
    func upload(
        _ target: String, _ parts: [(name: String, content: [UInt8])], token: String? = nil
    ) async throws -> APIResponse {
        var body: [UInt8] = []
        for part in parts {
            body += "--x\r\nContent-Disposition: form-data; name=\"\(part.name)\"; filename=\"f\"\r\n\r\n".utf8
            body += part.content + Array("\r\n".utf8)
        }
        body += "--x--\r\n".utf8
        let headers: Headers = [
            "Authorization": "Bearer \(token ?? self.token)", "Content-Type": "multipart/form-data; boundary=x",
        ]
        return try await send(Request(method: .post, target: target, headers: headers, body: body))
    }

    private func send(_ request: Request) async throws -> APIResponse {
        var request = request
        request.match = router.match(request.method, request.path)
        switch request.match {
        case .found(let route, _): return try APIResponse(try await route.handler(request))
        case .methodNotAllowed(let allow): return try APIResponse(controlAPI.methodNotAllowed(allow: allow, request))
        case .notFound: return try APIResponse(controlAPI.notFound(request))
        }
    }

    func token(
        _ workspace: Workspace = .default, _ scopes: Set<APIToken.Scope> = [.read, .write], lifetime: Int = 3_600
    ) async throws -> String {
        try await issuer.issue(workspace: workspace, scopes: scopes, lifetime: lifetime, now: time.now)
    }
}

/// A response with its JSON parsed.
struct APIResponse {
    let status: Int
    let headers: Headers
    let text: String
    let json: JSONValue

    init(_ response: Response) throws {
        status = response.status.rawValue
        headers = response.headers
        let bytes: [UInt8]
        switch response.body {
        case .bytes(let body): bytes = body
        case .shared(let body): bytes = body.bytes
        default: bytes = []
        }
        text = String(decoding: bytes, as: UTF8.self)
        let isJSON = headers["Content-Type"]?.contains("json") == true
        json = isJSON ? try JSONParser.parse(bytes) : .null
    }

    /// The string at a path such as `a.b`; empty if there is none.
    func text(_ path: String) -> String {
        if case .string(let text)? = json[path] { text } else { "" }
    }

    var rows: [JSONValue] {
        if case .array(let rows) = json { rows } else { [] }
    }
}

extension JSONValue {
    /// The value at a path such as `a.b`.
    subscript(path: String) -> JSONValue? {
        path.split(separator: ".").reduce(self as JSONValue?) { value, name in
            guard case .object(let members)? = value else { return nil }
            return members.first { $0.name == name }?.value
        }
    }

    var names: [String] {
        if case .object(let members) = self { members.map(\.name) } else { [] }
    }

    var string: String {
        if case .string(let text) = self { text } else { "" }
    }
}

/// A clock that is advanced manually.
final class TestTime: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_761_739_200))

    var now: Date { time.withLock { $0 } }
    func advance(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }
}

/// The devices that the store has reported as pending.
final class MarkedDevices: Sendable {
    private let marked = Mutex<[SiteDevice]>([])
    var devices: [SiteDevice] { marked.withLock { $0 } }

    func note(_ change: StoreChange) {
        if case .pending(let devices) = change { marked.withLock { $0 += devices } }
    }
}
