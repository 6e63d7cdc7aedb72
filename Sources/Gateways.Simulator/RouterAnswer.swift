/// What the router answers, before it is put into words.
struct RouterAnswer: Sendable {
    /// As REST counts them.
    let status: Int
    let content: Content

    enum Content: Sendable {
        case rows([[String: String]])
        case row([String: String])
        /// What a command returns.
        case value(String)
        /// A command has nothing to say.
        case nothing
        /// A removal; REST sends no body.
        case removed
        case refusal(RouterRefusal)
    }

    init(status: Int = 200, content: Content) {
        self.status = status
        self.content = content
    }

    /// As REST sends it.
    var json: [UInt8] {
        switch content {
        case .rows(let rows): Array(WireJSON.array(rows).utf8)
        case .row(let row): Array(WireJSON.object(row).utf8)
        case .value(let value): Array(WireJSON.object(["ret": value]).utf8)
        case .nothing: Array("[]".utf8)
        case .removed: []
        case .refusal(let refusal): Array(refusal.json.utf8)
        }
    }
}
