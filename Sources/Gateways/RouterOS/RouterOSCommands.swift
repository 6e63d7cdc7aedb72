/// A row of a RouterOS menu: every value is a string, an unset one is absent.
typealias RouterOSRow = [String: String]

/// What a gateway says to its router, in whichever of the router's languages. Menus are written with slashes between,
/// as in `ip/hotspot/user`.
///
/// Callers pass validated tokens only: menu paths and command names are literals, values are MAC and IP addresses,
/// numbers, names made here, and host names of the walled garden.
protocol RouterOSCommands: Sendable {
    /// Rows of `menu` that match all of `filter`, with the fields named. An answer beyond `limit` is refused.
    func rows(
        _ menu: String, where filter: KeyValuePairs<String, String>, fields: [String],
        atMost limit: RouterOSAnswerLimit, before deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow]
    /// Rows of `menu` for which any of `alternatives` (`key=value`) holds.
    func rows(
        _ menu: String, any alternatives: [String], fields: [String], before deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow]
    /// The fields named of a menu that has one row only, such as `system/resource`. A router that is starting may give
    /// an empty one.
    func single(_ menu: String, fields: [String], before deadline: Deadline) async throws(RouterOSFault) -> RouterOSRow
    /// Throws `.duplicate` if the menu has such a row.
    func add(_ menu: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault)
    /// Throws `.notFound` if the row is gone.
    func set(_ menu: String, id: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault)
    /// A row that is gone already counts as removed.
    func remove(_ menu: String, id: String, before deadline: Deadline) async throws(RouterOSFault)
    /// A console command, for example `ip/hotspot/active/login`.
    func run(_ command: String, _ values: RouterOSRow, before deadline: Deadline) async throws(RouterOSFault)
}

extension RouterOSCommands {
    /// All rows of `menu`.
    func rows(
        _ menu: String, fields: [String], before deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        try await rows(menu, where: [:], fields: fields, atMost: .list, before: deadline)
    }

    /// The few rows of `menu` that match all of `filter`.
    func rows(
        _ menu: String, where filter: KeyValuePairs<String, String>, fields: [String], before deadline: Deadline
    ) async throws(RouterOSFault) -> [RouterOSRow] {
        try await rows(menu, where: filter, fields: fields, atMost: .few, before: deadline)
    }
}

extension RouterOSRow {
    /// Whether a flag is set; RouterOS writes `true`, and in some menus of older versions `yes`.
    func has(_ flag: String) -> Bool { self[flag] == "true" || self[flag] == "yes" }
}
