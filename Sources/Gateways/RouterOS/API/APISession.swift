internal import NetworkAddress

/// The protocol state of one connection to a router, beginning with the login. A pure state machine: it returns the
/// sentences to send and interprets the received ones. Several commands may run at a time, distinguished by their tags.
package struct APISession: Sendable {
    /// The router's response to one command.
    package struct Answer: Equatable, Sendable {
        /// The rows of the `!re` replies, in order.
        package var rows: [[String: String]]
        /// The attributes of `!done`.
        package var values: [String: String]
        /// The first trap; nil if there was none.
        package var trap: Trap?

        package init(rows: [[String: String]] = [], values: [String: String] = [:], trap: Trap? = nil) {
            self.rows = rows
            self.values = values
            self.trap = trap
        }
    }

    /// A command's failure (`!trap`).
    package struct Trap: Error, Equatable, Sendable {
        /// The category number of the manual; nil if the router sent none.
        package var category: Int?
        /// The router's message.
        package var message: String

        package init(category: Int? = nil, message: String) {
            self.category = category
            self.message = message
        }
    }

    /// Why the session ended.
    package enum End: Error, Equatable, Sendable {
        case refusedLogin(Trap)
        /// `!fatal` with its text.
        case fatal(String)
        /// The received bytes are not RouterOS's API, or exceed the limits.
        case notRouterOS
    }

    /// What the caller has to do next.
    package enum Action: Equatable, Sendable {
        case send([UInt8])
        case loggedIn
        case answered(Int, Answer)
        /// The response exceeded its limit. The rest of it is ignored.
        case givenUp(Int)
        /// Close the connection. No more actions follow.
        case end(End)
    }

    private enum Phase { case greeting, challenged, open, over }

    private let name: String
    private let password: String
    private var reader: APISentenceReader
    private var phase = Phase.greeting
    private var loginTrap: Trap?
    private var underway: [String: Command] = [:]
    private var lastTag = 0
    /// Tags of commands that were given up and are not over yet.
    private var abandoned: Set<String> = []
    /// Bytes of sentences of the login, and of those that belong to no command.
    private var unclaimed = 0

    /// A login takes some hundred bytes, and a router sends nothing that was not asked for.
    private static let mostUnclaimed = 64 << 10
    /// The attributes of a login and of a command without rows.
    private static let names: Set = ["ret", "message", "category"]

    /// A running command and the part of its response received so far.
    private struct Command {
        let fields: Set<String>
        /// The attributes read of its sentences.
        let names: Set<String>
        let limit: RouterOSAnswerLimit
        var answer = Answer()
        var size = 0

        init(fields: Set<String>, limit: RouterOSAnswerLimit) {
            (self.fields, self.limit) = (fields, limit)
            names = fields.union(APISession.names)
        }

        mutating func add(_ reply: APIReply, _ size: Int) {
            self.size += size
            switch reply.kind {
            case .row: answer.rows.append(reply.values.filter { fields.contains($0.key) })
            case .trap: answer.trap = answer.trap ?? Trap(reply)
            case .empty, .fatal, .done: break
            }
        }

        var isTooLong: Bool { size > limit.bytes || answer.rows.count > limit.rows }
    }

    package init(name: String, password: String, limits: APISentenceReader.Limits = .init()) {
        self.name = name
        self.password = password
        reader = APISentenceReader(limits: limits)
    }

    /// The first bytes to send.
    package var greeting: [UInt8] { APIWire.encode(APILogin.request(name: name, password: password)) }

    /// Whether commands may be sent.
    package var isOpen: Bool { phase == .open }

    /// Begins a command. Returns the bytes to send and the number by which `receive` identifies the response. Only
    /// `fields` of its rows are kept. A response that exceeds `limit` is abandoned.
    package mutating func begin(
        _ words: [String], fields: Set<String>, atMost limit: RouterOSAnswerLimit = .few
    ) -> (number: Int, bytes: [UInt8]) {
        lastTag += 1
        underway[String(lastTag)] = Command(fields: fields, limit: limit)
        return (lastTag, APIWire.encode(words + [".tag=\(lastTag)"]))
    }

    /// Discards the response to a command.
    package mutating func abandon(_ number: Int) {
        if underway.removeValue(forKey: String(number)) != nil { abandoned.insert(String(number)) }
    }

    /// Interprets received bytes.
    package mutating func receive(_ bytes: [UInt8]) -> [Action] {
        guard phase != .over else { return [] }
        reader.append(bytes)
        var actions: [Action] = []
        do throws(APIWire.Failure) {
            while phase != .over, let words = try reader.next() { actions += take(words) }
            // A device that is not a router may never complete a sentence.
            if phase != .over, reader.firstWord?.hasPrefix("!") == false { actions += end(.notRouterOS) }
        } catch {
            actions += end(.notRouterOS)
        }
        return actions
    }

    private mutating func take(_ words: [String]) -> [Action] {
        let size = words.reduce(0) { $0 + $1.utf8.count }
        let tag = phase == .open ? APIReply.tag(of: words) : nil
        let names = tag.flatMap { underway[$0]?.names }
        if names == nil, !(tag.map(abandoned.contains) ?? false) {
            unclaimed += size
            guard unclaimed <= Self.mostUnclaimed else { return end(.notRouterOS) }
        }
        guard let reply = APIReply(words, names: names ?? Self.names) else { return end(.notRouterOS) }
        if reply.kind == .fatal { return end(.fatal(reply.text)) }
        return phase == .open ? takeAnswer(reply, size: size) : takeLogin(reply)
    }

    private mutating func takeLogin(_ reply: APIReply) -> [Action] {
        if reply.kind == .trap { loginTrap = loginTrap ?? Trap(reply) }
        guard reply.kind == .done else { return [] }
        if let loginTrap { return end(.refusedLogin(loginTrap)) }
        if phase == .greeting, let challenge = reply.values["ret"] {
            guard let words = APILogin.response(name: name, password: password, challenge: challenge) else {
                return end(.notRouterOS)
            }
            phase = .challenged
            return [.send(APIWire.encode(words))]
        }
        phase = .open
        return [.loggedIn]
    }

    private mutating func takeAnswer(_ reply: APIReply, size: Int) -> [Action] {
        // Ignore replies without a tag or with the tag of an abandoned command.
        guard let tag = reply.tag, let number = Int(tag, in: 1...1 << 53), underway[tag] != nil else {
            if reply.kind == .done, let tag = reply.tag { abandoned.remove(tag) }
            return []
        }
        underway[tag]?.add(reply, size)
        if underway[tag]?.isTooLong == true {
            abandon(number)
            return [.givenUp(number)]
        }
        guard reply.kind == .done, var answer = underway.removeValue(forKey: tag)?.answer else { return [] }
        answer.values = reply.values
        return [.answered(number, answer)]
    }

    private mutating func end(_ reason: End) -> [Action] {
        phase = .over
        (underway, abandoned) = ([:], [])
        return [.end(reason)]
    }
}

extension APISession.Trap {
    init(_ reply: APIReply) {
        self.init(
            category: reply.values["category"].flatMap { Int($0, in: 0...7) }, message: reply.values["message"] ?? "")
    }
}
