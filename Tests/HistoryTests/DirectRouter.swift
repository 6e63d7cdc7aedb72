import Captive
import Foundation
import Synchronization

@testable import GatewaySimulator
@testable import Gateways

/// A client that gives a gateway's commands to a simulated router without a socket.
struct DirectRouter: RouterOSClient {
    let router: SimulatedRouter
    let crash: CrashPoint
    private static let authorization = "Basic " + Data("portico:router-password".utf8).base64EncodedString()
    static let account = RouterAccount(name: "portico", password: "router-password")

    func rows(
        _ menu: String, where filter: KeyValuePairs<String, String>, fields: [String],
        atMost limit: RouterOSAnswerLimit, before deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        let terms = filter.map { (name: $0.key, value: $0.value) }
        let answer = try call("GET", menu, query: terms + [(".proplist", fields.joined(separator: ","))])
        guard case .rows(let rows) = answer.content else { throw Self.nonsense }
        return rows
    }

    func rows(
        _ menu: String, any alternatives: [String], fields: [String], before deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        let query = alternatives + Array(repeating: "#|", count: max(0, alternatives.count - 1))
        let answer = try call("POST", "\(menu)/print", body: [".proplist": fields, ".query": query])
        guard case .rows(let rows) = answer.content else { throw Self.nonsense }
        return rows
    }

    func single(_ menu: String, fields: [String], before deadline: Deadline) async throws(RouterOSFault) -> RouterOSRow
    {
        let query = [(name: ".proplist", value: fields.joined(separator: ","))]
        guard case .row(let row) = try call("GET", menu, query: query).content else { throw Self.nonsense }
        return row
    }

    func add(_ menu: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) {
        _ = try call("PUT", menu, body: values)
    }

    func set(_ menu: String, id: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) {
        _ = try call("PATCH", "\(menu)/\(id)", body: values)
    }

    func remove(_ menu: String, id: String, before deadline: Deadline) async throws(RouterOSFault) {
        do { _ = try call("DELETE", "\(menu)/\(id)") } catch .notFound {}
    }

    func run(_ command: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault) {
        _ = try call("POST", command, body: values)
    }

    private func call(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [],
        body: (some Encodable & Sendable)? = [String: String]?.none
    ) throws(RouterOSFault) -> RouterAnswer {
        let bytes = body.flatMap { try? JSONEncoder().encode($0) }.map(Array.init) ?? []
        let call = RouterCall(
            method: method, path: "/rest/" + path, query: query, body: bytes, authorization: Self.authorization)
        let (fault, answer) = router.answerWithFault(call)
        if crash.isReached() { throw .indeterminate(.unreachable(RouterOSFault.noAnswer)) }
        switch fault {
        case nil, .delay: break
        case .refuse(let status, let detail):
            let body = Array(RouterRefusal.of(status: status, detail: detail).json.utf8)
            throw RouterOSFault(status: status, body: body, reading: call.isReading)
        case .garbage: throw Self.nonsense
        case .hang, .loseAnswer, .drop, .fatal, .reboot: throw .indeterminate(.unreachable(RouterOSFault.noAnswer))
        }
        guard let answer else { throw Self.nonsense }
        guard (200..<300).contains(answer.status) else {
            throw RouterOSFault(status: answer.status, body: answer.json, reading: call.isReading)
        }
        return answer
    }

    private static let nonsense = RouterOSFault.definite(.misconfigured("no RouterOS"))
}

/// The command to the router at which the process is killed, if there is one.
final class CrashPoint: Sendable {
    private let commandsLeft = Mutex<Int?>(nil)

    /// Kills the process after that many commands; nil for never.
    func set(after commands: Int?) { commandsLeft.withLock { $0 = commands } }

    /// Whether the process is killed.
    var isPassed: Bool { commandsLeft.withLock { $0 == 0 } }

    /// Counts a command that the router has completed. Returns true if the process is killed before it reads the
    /// answer.
    func isReached() -> Bool {
        commandsLeft.withLock { left in
            guard let count = left else { return false }
            left = max(0, count - 1)
            return left == 0
        }
    }
}
