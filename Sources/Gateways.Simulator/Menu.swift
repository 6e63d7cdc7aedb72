/// Properties of a menu that the command tree does not contain.
struct Menu: Sendable {
    let path: String
    /// Has exactly one row, printed as an object.
    var isSingle = false
    /// Keys with an index, for frequent lookups.
    var indexed: Set<String> = []
    /// Rows can be addressed by name.
    var hasName = false
    /// Arguments that accept `yes` or `true` and are printed as `true`.
    var flags: Set<String> = ["disabled"]
    /// Arguments that accept any form of a duration and are printed in RouterOS's form.
    var durations: Set<String> = []
    /// Allowed values by argument.
    var words: [String: Set<String>] = [:]
    /// Arguments that must be the name of a row of another menu, with the path of that menu.
    var references: [String: String] = [:]
    /// Required arguments of a new row.
    var required: [String] = []
    /// Keys whose values must be unique together, and the router's error text for a duplicate.
    var unique: (keys: [String], refusal: String)?
    /// Default values of a new row.
    var defaults: [String: String] = [:]
    /// Keys that are not printed.
    var hidden: Set<String> = []
}
