// These tests call the control API as a program would, through its routes, over the real store on SQLite in a folder
// that is thrown away. Reading order: Desk, SeedTests, then a file for each resource and subject.

import Captive
import Foundation
import HTTPServer
import Logging
import NetworkAddress
import Storage
import Synchronization
import Testing

@testable import ControlAPI

/// An API with a store of its own, a clock that tests set, and a token that may do everything.
final class Desk: Sendable {
    let store: Store
    let api: ControlAPI
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
        keys: [[UInt8]] = [Desk.key], outside: OutsideIssuer? = nil, examiner: (any SiteExaminer)? = nil,
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
        roles.outside = outside
        roles.revocations = revocations
        roles.examiner = examiner
        roles.runsPerHour = runsPerHour
        roles.clock = { time.now }
        api = ControlAPI(roles, publicURL: Desk.publicURL, logger: Logger(label: "test") { _ in log })
        router = Router(api.routes)
        token = try await issuer.issue(
            workspace: .default, scopes: [.read, .write], lifetime: 86_400, now: time.now)
    }

    deinit {
        try? database.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Sends a request as the holder of `token`; the desk's own if it is left out, none for "".
    func send(
        _ method: HTTPServer.Method, _ target: String, _ json: String? = nil, token: String? = nil,
        headers: Headers = [:]
    ) async throws -> Answer {
        var headers = headers
        let token = token ?? self.token
        if !token.isEmpty { headers.add("Authorization", "Bearer \(token)") }
        if json != nil, headers["Content-Type"] == nil { headers.add("Content-Type", "application/json") }
        return try await send(Request(method: method, target: target, headers: headers, body: Array((json ?? "").utf8)))
    }

    /// Sends a form of parts, as curl does.
    func upload(
        _ target: String, _ parts: [(name: String, content: [UInt8])], token: String? = nil
    ) async throws -> Answer {
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

    private func send(_ request: Request) async throws -> Answer {
        switch router.match(request.method, request.path) {
        case .found(let route, let parameters):
            var request = request
            request.pathParameters = parameters
            return try Answer(try await route.handler(request))
        case .methodNotAllowed(let allow): return try Answer(api.methodNotAllowed(allow: allow, request))
        case .notFound: return try Answer(api.notFound(request))
        }
    }

    func token(
        _ workspace: Workspace = .default, _ scopes: Set<APIToken.Scope> = [.read, .write], lifetime: Int = 3_600
    ) async throws -> String {
        try await issuer.issue(workspace: workspace, scopes: scopes, lifetime: lifetime, now: time.now)
    }
}

/// What came back, with its JSON read.
struct Answer {
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

    /// The text at a field, which may be `a.b`; "" where there is none.
    func text(_ path: String) -> String {
        if case .string(let text)? = json[path] { text } else { "" }
    }

    var rows: [JSONValue] {
        if case .array(let rows) = json { rows } else { [] }
    }
}

extension JSONValue {
    /// The value at a field, which may be `a.b`.
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

/// A clock that stands still until it is moved.
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
