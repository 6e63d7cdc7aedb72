import Captive
import Crypto
import Foundation
import HTTPServer
import Storage

/// Runs calls that change something: writes an audit entry in the same transaction, and returns the stored response if
/// a request is repeated with the same `Idempotency-Key`.
struct IdempotencyMiddleware: Sendable {
    let store: Store
    let errors: ErrorResponder
    let clock: WallClock

    /// The name of the request header that holds the key.
    static let header = "Idempotency-Key"
    /// Seconds for which a request without a stored response counts as in progress.
    private static let inProgressTimeout: TimeInterval = 60

    /// `resource` is the kind of resource that the audit entry names, such as `coupon_schedules`.
    func run(
        _ endpoint: Endpoint, about resource: String, _ call: Call,
        _ handle: @Sendable (Call) async throws -> Response
    ) async throws -> Response {
        guard endpoint.method != .get else { return try await handle(call) }
        let entry = AuditEntry(endpoint, about: resource, call, now: clock())
        guard let claim = try claim(of: call) else { return try await perform(entry, nil, call, handle) }
        if let earlier = try await store.earlierRequest(claim) { return try storedResponse(for: earlier) }
        do {
            let response = try await errorsAsResponses { try await perform(entry, claim, call, handle) }
            if let stored = StoredResponse(response) { try await store.keep(stored.bytes(), for: claim) }
            return response
        } catch is IdempotencyConflict {
            throw Self.inProgress
        }
    }

    private func perform(
        _ entry: AuditEntry, _ claim: IdempotencyKey?, _ call: Call,
        _ handle: @Sendable (Call) async throws -> Response
    ) async throws -> Response {
        let response = try await store.audited(by: entry, claim) { try await handle(call) }
        if response.status == .created, let id = response.createdID {
            try await store.complete(entry.id, resourceID: id)
        }
        return response
    }

    /// Errors below 500 become responses, so that they are stored; server errors are thrown again.
    private func errorsAsResponses(_ work: () async throws -> Response) async throws -> Response {
        do {
            return try await work()
        } catch let error where !(error is IdempotencyConflict) {
            let response = errors.response(to: error)
            guard response.status.rawValue < 500 else { throw error }
            return response
        }
    }

    /// Returns nil for a call without a key, and for methods that are idempotent anyway.
    private func claim(of call: Call) throws -> IdempotencyKey? {
        let values = call.request.headers.values(Self.header)
        guard call.request.method == .post, let key = values.first else { return nil }
        guard values.count == 1, (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw APIError.invalid(Self.header, "a single header with 1 to 255 visible ASCII characters") }
        let request = Array("\(call.request.method) \(call.request.rawTarget)\n".utf8) + call.request.body
        return IdempotencyKey(
            workspace: call.workspace, key: Array(SHA256.hash(data: Array(key.utf8))),
            request: Array(SHA256.hash(data: request)), now: clock())
    }

    private func storedResponse(for earlier: EarlierRequest) throws -> Response {
        switch earlier {
        case .answered(let bytes):
            guard let stored = StoredResponse(bytes: bytes) else { throw Self.responseLost }
            return stored.response
        case .different:
            throw APIError(
                .conflict, "This Idempotency-Key was used for a different request. Use a new key for each new request.")
        case .unanswered(let since):
            throw clock().timeIntervalSince(since) < Self.inProgressTimeout ? Self.inProgress : Self.responseLost
        }
    }

    private static let inProgress = APIError(
        .conflict, "A request with this Idempotency-Key is in progress. Retry after 1 s.",
        headers: ["Retry-After": "1"])

    private static let responseLost = APIError(
        .conflict,
        "The request with this Idempotency-Key took effect, but its response was lost. Read the resource to see the result."
    )
}

extension AuditEntry {
    fileprivate init(_ endpoint: Endpoint, about resource: String, _ call: Call, now: Date) {
        let caller = call.caller
        let parameter = endpoint.parameters.last { $0.name.hasSuffix("Id") }
        self.init(
            workspace: caller.workspace,
            actor: Actor(tokenID: caller.tokenID, subject: caller.subject, address: call.request.client),
            action: endpoint.name, resource: resource,
            resourceID: endpoint.createsOne
                ? nil : parameter.flatMap { call.request.pathParameters[$0.name] }?.shortened,
            path: call.request.path.shortened, fields: call.request.fieldNames, createdAt: now)
    }
}

extension Endpoint {
    /// Whether the call creates a single resource and returns its `id`.
    fileprivate var createsOne: Bool { method == .post && response.schema?.property("id") != nil && !response.isList }
}

extension ResponseDescription {
    fileprivate var isList: Bool { schema?["type"] == "array" }
}

extension Response {
    /// The `id` of the object in the body.
    fileprivate var createdID: String? {
        guard case .bytes(let bytes) = body, bytes.first == UInt8(ascii: "{"),
            case .object(let members)? = try? JSONParser.parse(bytes),
            case .string(let id)? = members.first(where: { $0.name == "id" })?.value
        else { return nil }
        return id
    }
}

extension Request {
    /// The names of the fields of a JSON body, including those of nested objects (`theme.accent_color`).
    fileprivate var fieldNames: [String] {
        guard body.first == UInt8(ascii: "{"), case .object(let members)? = try? JSONParser.parse(body) else {
            return []
        }
        return members.flatMap { member -> [String] in
            guard case .object(let inner) = member.value, !inner.isEmpty else { return [member.name] }
            return inner.map { "\(member.name).\($0.name)" }
        }
    }
}
