/// The router's answer, independent of REST and the API.
struct RouterAnswer: Sendable {
    /// REST's status.
    let status: Int
    let content: Content

    enum Content: Sendable {
        case rows([[String: String]])
        case row([String: String])
        /// The return value of a command.
        case value(String)
        /// A command without a return value.
        case nothing
        /// A removal, which has no body in REST.
        case removed
        case refusal(RouterRefusal)
    }

    init(status: Int = 200, content: Content) {
        self.status = status
        self.content = content
    }

    /// The body in REST.
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
