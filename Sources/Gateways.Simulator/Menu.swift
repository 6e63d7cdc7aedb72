/// What the simulator knows of a menu beyond its arguments.
struct Menu: Sendable {
    let path: String
    /// One row only, printed as a bare object.
    var isSingle = false
    /// Keys by which rows are looked up often.
    var indexed: Set<String> = []
    /// Rows can be addressed by name.
    var hasName = false
    /// Written as `yes` or `true`, printed as `true`.
    var flags: Set<String> = ["disabled"]
    /// Written in any form, printed as RouterOS does.
    var durations: Set<String> = []
    /// The words that an argument may be.
    var words: [String: Set<String>] = [:]
    /// Arguments that name a row of another menu.
    var references: [String: String] = [:]
    /// Arguments that a new row cannot do without.
    var required: [String] = []
    /// Keys that no two rows may share, and what the router says when they would.
    var unique: (keys: [String], refusal: String)?
    /// What a new row has unless told otherwise.
    var defaults: [String: String] = [:]
    /// Written, but never printed.
    var hidden: Set<String> = []
}
