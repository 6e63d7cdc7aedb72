internal import Crypto

/// The protocol state of one client of the API: turns each received sentence into a step. Independent of sockets.
struct APIConversation {
    /// What to do in response to a sentence.
    enum Step {
        case reply([[String]])
        /// Execute the call on the router, and send the sentences that `answer` returns for its result.
        case execute(RouterCall, tag: [String])
        /// Send these sentences and end the connection.
        case end([[String]])
    }

    private let release: RouterRelease
    private let account: RouterAccount
    private var isLoggedIn = false
    private var challenge: [UInt8]?

    init(release: RouterRelease, account: RouterAccount) {
        self.release = release
        self.account = account
    }

    mutating func take(_ sentence: [String]) -> Step {
        let attributes = Self.attributes(sentence)
        let tag = sentence.filter { $0.hasPrefix(".tag=") }
        switch sentence.first ?? "" {
        case "/login": return .reply(logIn(attributes, tag))
        case "/quit": return .end([["!fatal", "session terminated on request"]])
        case _ where !isLoggedIn: return .end([["!fatal", "not logged in"]])
        case "/cancel": return .reply([["!done"] + tag])
        case let command: return .execute(Self.call(command, attributes, sentence), tag: tag)
        }
    }

    /// Converts a command to a REST call. A `print` becomes a POST with query words and fields as members of the body.
    private static func call(_ command: String, _ attributes: [String: String], _ sentence: [String]) -> RouterCall {
        var members = attributes.mapValues { WireJSON.Value.text($0) }
        let query = sentence.filter { $0.hasPrefix("?") }.map { $0.dropFirst() }
        if command.hasSuffix("/print"), !query.isEmpty {
            members[".query"] = .list(query.map { String($0.hasPrefix("=") ? $0.dropFirst() : $0) })
        }
        return RouterCall(command: command, members)
    }

    private static func attributes(_ sentence: [String]) -> [String: String] {
        var attributes: [String: String] = [:]
        for word in sentence where word.hasPrefix("=") {
            let parts = word.dropFirst().split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            attributes[String(parts[0])] = parts.count == 2 ? String(parts[1]) : ""
        }
        return attributes
    }

    private mutating func logIn(_ attributes: [String: String], _ tag: [String]) -> [[String]] {
        if release.challenges, attributes["response"] == nil {
            let bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
            challenge = bytes
            return [["!done", "=ret=\(Self.hex(bytes))"] + tag]
        }
        guard isRight(attributes) else {
            return Self.trap(release.challenges ? "cannot log in" : "invalid user name or password (6)", nil, tag)
        }
        guard account.policies.contains(.api) else { return Self.trap("std failure: not allowed (9)", nil, tag) }
        isLoggedIn = true
        return [["!done"] + tag]
    }

    private func isRight(_ attributes: [String: String]) -> Bool {
        guard attributes["name"] == account.name else { return false }
        guard release.challenges else { return attributes["password"] == account.password }
        guard let challenge else { return false }
        let digest = Insecure.MD5.hash(data: [0] + Array(account.password.utf8) + challenge)
        return attributes["response"] == "00" + Self.hex(Array(digest))
    }

    /// The sentences that report an answer.
    func answer(_ answer: RouterAnswer, to call: RouterCall, tag: [String]) -> [[String]] {
        switch answer.content {
        case .rows(let rows):
            let none = rows.isEmpty && release.sendsEmpty ? [["!empty"] + tag] : []
            return rows.map { Self.row($0, tag) } + none + [["!done"] + tag]
        case .row(let row):
            if call.path.last == "print" { return (row.isEmpty ? [] : [Self.row(row, tag)]) + [["!done"] + tag] }
            let added = call.path.last == "add" ? row[".id"].map { ["=ret=\($0)"] } : nil
            return [["!done"] + (added ?? []) + tag]
        case .value(let value): return [["!done", "=ret=\(value)"] + tag]
        case .nothing, .removed: return [["!done"] + tag]
        case .refusal(let refusal): return trap(refusal, tag)
        }
    }

    private func trap(_ refusal: RouterRefusal, _ tag: [String]) -> [[String]] {
        var message = refusal.detail ?? refusal.message
        var category: Int?
        if message.hasPrefix("no such item") || refusal.status == 404 {
            message = release.hasREST ? "no such item" : "no such item (4)"
            category = release.hasREST ? nil : 0
        } else if message.hasPrefix("no such command") {
            (message, category) = ("no such command prefix", 0)
        } else if message.hasPrefix("unknown parameter"), !release.hasREST {
            message = "unknown parameter"
        } else if message.hasPrefix("input does not match") || message.hasPrefix("invalid value") {
            category = 1
        } else if refusal.status == 503 || message == "Session closed" {
            category = 2
        }
        return Self.trap(message, category, tag)
    }

    private static func trap(_ message: String, _ category: Int?, _ tag: [String]) -> [[String]] {
        [["!trap"] + tag + (category.map { ["=category=\($0)"] } ?? []) + ["=message=\(message)"], ["!done"] + tag]
    }

    private static func row(_ row: [String: String], _ tag: [String]) -> [String] {
        ["!re"] + tag + row.sorted { $0.key < $1.key }.map { "=\($0.key)=\($0.value)" }
    }

    private static func hex(_ bytes: [UInt8]) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
