internal import Foundation

/// A row of a menu. Values that change with time are worked out when it is printed.
struct Row {
    let id: Int
    var values: [String: String]
    /// When it came to be, or a session began.
    var since: Date
    /// When the router removes it by itself.
    var until: Date?
    /// Seconds that a user has been online in sessions that are over.
    var used: TimeInterval = 0

    var idText: String { "*" + String(id, radix: 16, uppercase: true) }
}

/// The rows of a menu in the order of their making, found by id, and by the values of its indexed keys.
///
/// A class, as a value would be copied whole at some changes. Safe because a router's tables are touched under its lock
/// alone.
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

    /// Replaces the row that has its id, or adds it.
    func put(_ row: Row) {
        remove(row.id)
        rows[row.id] = row
        for key in indexed {
            if let value = row.values[key] { index[key, default: [:]][value, default: []].insert(row.id) }
        }
    }

    /// Changes the row that has the id, if there is one, in place.
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
