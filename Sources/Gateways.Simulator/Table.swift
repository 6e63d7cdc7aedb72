internal import Foundation

/// A row of a menu. Values that change with time are computed when it is printed.
struct Row {
    let id: Int
    var values: [String: String]
    /// When the row was added or the session began.
    var since: Date
    /// When the router removes the row; nil for never.
    var until: Date?
    /// Seconds that a user has been online in ended sessions.
    var used: TimeInterval = 0

    var idText: String { "*" + String(id, radix: 16, uppercase: true) }
}

/// The rows of a menu in the order of creation, with lookup by id and by the values of indexed keys.
///
/// A class, because some changes would copy a whole value. Safe because a router's tables are used under its lock only.
final class Table: @unchecked Sendable {
    private var rows: [Int: Row] = [:]
    private var index: [String: [String: Set<Int>]] = [:]
    private var lastID = 0
    let indexed: Set<String>

    init(indexed: Set<String>) { self.indexed = indexed }

    var count: Int { rows.count }
    var all: [Row] { rows.values.sorted { $0.id < $1.id } }

    subscript(id: Int) -> Row? { rows[id] }

    func rows(_ key: String, _ value: String) -> [Row] {
        guard indexed.contains(key) else { return all.filter { $0.values[key] == value } }
        return (index[key]?[value] ?? []).sorted().compactMap { rows[$0] }
    }

    func count(_ key: String, _ value: String, where holds: (Row) -> Bool) -> Int {
        rows(key, value).count(where: holds)
    }

    @discardableResult
    func add(_ values: [String: String], since: Date, until: Date? = nil) -> Row {
        lastID += 1
        let row = Row(id: lastID, values: values, since: since, until: until)
        put(row)
        return row
    }

    /// Adds a row or replaces the row with the same id.
    func put(_ row: Row) {
        remove(row.id)
        rows[row.id] = row
        for key in indexed {
            if let value = row.values[key] { index[key, default: [:]][value, default: []].insert(row.id) }
        }
    }

    /// Changes the row with the id; does nothing if there is none.
    func change(_ id: Int, _ change: (inout Row) -> Void) {
        guard var row = rows[id] else { return }
        change(&row)
        put(row)
    }

    @discardableResult
    func remove(_ id: Int) -> Row? {
        guard let row = rows.removeValue(forKey: id) else { return nil }
        for key in indexed {
            guard let value = row.values[key] else { continue }
            index[key]?[value]?.remove(id)
            if index[key]?[value]?.isEmpty == true { index[key]?[value] = nil }
        }
        return row
    }
}
