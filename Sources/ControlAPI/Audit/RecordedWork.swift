import Captive
import Crypto
import Foundation
import HTTPServer

/// Carries out calls that change something: writes down who made them, and answers a request that is sent again with
/// the same `Idempotency-Key` as the first time.
struct RecordedWork: Sendable {
    let store: any AuditTrail & IdempotencyStore
    let errors: ErrorAnswer
    let clock: WallClock

    /// The request's field with the key.
    static let field = "Idempotency-Key"
    /// Seconds for which a request that is not answered is taken to be under way.
    private static let patience: TimeInterval = 60

    /// `resource` is the kind of what `endpoint` is about, such as `coupon_schedules`.
    func answer(
        _ endpoint: Endpoint, about resource: String, _ call: Call,
        _ handle: @Sendable (Call) async throws -> Response
    ) async throws -> Response {
        guard endpoint.method != .get else { return try await handle(call) }
        let entry = AuditEntry(endpoint, about: resource, call, now: clock())
        guard let claim = try claim(of: call) else { return try await perform(entry, nil, call, handle) }
        if let earlier = try await store.earlierRequest(claim) { return try repetition(of: earlier) }
        do {
            let response = try await refusalsAsAnswers { try await perform(entry, claim, call, handle) }
            if let kept = KeptAnswer(response) { try await store.keep(kept.bytes(), for: claim) }
            return response
        } catch is IdempotencyConflict {
            throw Self.underWay
        }
    }

    private func perform(
        _ entry: AuditEntry, _ claim: IdempotencyKey?, _ call: Call,
        _ handle: @Sendable (Call) async throws -> Response
    ) async throws -> Response {
        let response = try await store.accompanied(by: entry, claim) { try await handle(call) }
        if response.status == .created, let id = response.printedID {
            try await store.complete(entry.id, resourceID: id)
        }
        return response
    }

    /// What was refused once is refused again; a fault of ours is not kept.
    private func refusalsAsAnswers(_ work: () async throws -> Response) async throws -> Response {
        do {
            return try await work()
        } catch let error where !(error is IdempotencyConflict) {
            let answer = errors.response(to: error)
            guard answer.status.rawValue < 500 else { throw error }
            return answer
        }
    }

    /// Nil for a call without a key, and for one that is the same when repeated anyway.
    private func claim(of call: Call) throws -> IdempotencyKey? {
        let values = call.request.headers.values(Self.field)
        guard call.request.method == .post, let key = values.first else { return nil }
        guard values.count == 1, (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw APIError.invalid(Self.field, "a header field of 1 to 255 visible ASCII characters, once") }
        let request = Array("\(call.request.method) \(call.request.rawTarget)\n".utf8) + call.request.body
        return IdempotencyKey(
            workspace: call.workspace, key: Array(SHA256.hash(data: Array(key.utf8))),
            request: Array(SHA256.hash(data: request)), now: clock())
    }

    private func repetition(of earlier: EarlierRequest) throws -> Response {
        switch earlier {
        case .answered(let bytes):
            guard let kept = KeptAnswer(bytes: bytes) else { throw Self.unknown }
            return kept.response
        case .different:
            throw APIError(
                .conflict, "Another request was sent with this Idempotency-Key. Use a new key for a new request.")
        case .unanswered(let since):
            throw clock().timeIntervalSince(since) < Self.patience ? Self.underWay : Self.unknown
        }
    }

    private static let underWay = APIError(
        .conflict, "A request with this Idempotency-Key is being carried out. Try again in a moment.",
        headers: ["Retry-After": "1"])

    private static let unknown = APIError(
        .conflict,
        "The request with this Idempotency-Key took effect, but its answer was lost. Look at what it changed.")
}

extension AuditEntry {
    fileprivate init(_ endpoint: Endpoint, about resource: String, _ call: Call, now: Date) {
        let caller = call.caller
        let place = endpoint.parameters.last { $0.name.hasSuffix("Id") }
        self.init(
            workspace: caller.workspace,
            actor: Actor(tokenID: caller.tokenID, subject: caller.subject, address: call.request.client),
            action: endpoint.name, resource: resource,
            resourceID: endpoint.makesOne ? nil : place.flatMap { call.request.pathParameters[$0.name] }?.shortened,
            path: call.request.path.shortened, fields: call.request.fieldNames, createdAt: now)
    }
}

extension Endpoint {
    /// Whether the call makes one thing, whose id its answer tells.
    fileprivate var makesOne: Bool { method == .post && answer.schema?.property("id") != nil && !answer.isList }
}

extension AnswerDescription {
    fileprivate var isList: Bool { schema?["type"] == "array" }
}

extension Response {
    /// The `id` of the object that is answered.
    fileprivate var printedID: String? {
        guard case .bytes(let bytes) = body, bytes.first == UInt8(ascii: "{"),
            case .object(let members)? = try? JSONParser.parse(bytes),
            case .string(let id)? = members.first(where: { $0.name == "id" })?.value
        else { return nil }
        return id
    }
}

extension Request {
    /// The names of a JSON body's fields, and of those in an object among them.
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
