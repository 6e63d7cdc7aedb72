internal import Foundation

/// Printing with conditions, adding and changing rows.
extension RouterDevice {
    func printMenu(_ menu: Menu, _ call: RouterCall) throws(RouterRefusal) -> RouterAnswer {
        let members = try members(call)
        if menu.isSingle {
            return RouterAnswer(content: .row((tables[menu.path]?.all.first).map { printed($0, of: menu.path) } ?? [:]))
        }
        try checkPrint(members, of: menu)
        let query = try query(members, call)
        let rows = candidates(query, of: menu).map { printed($0, of: menu.path) }.filter(query.matches)
        if members["count-only"] != nil { return RouterAnswer(content: .value(String(rows.count))) }
        let fields = list(members[".proplist"]) ?? call.proplist
        return RouterAnswer(content: .rows(rows.map { project($0, to: fields) }))
    }

    private func checkPrint(_ members: [String: WireJSON.Value], of menu: Menu) throws(RouterRefusal) {
        let known = tree.arguments(of: "print", in: menu.path) ?? []
        for name in members.keys where ![".proplist", ".query"].contains(name) && !known.contains(name) {
            throw .bad("unknown parameter \(name)")
        }
    }

    private func query(_ members: [String: WireJSON.Value], _ call: RouterCall) throws(RouterRefusal) -> Query {
        guard let words = list(members[".query"]) else { return Query(equalities: call.equalities) }
        guard let query = Query(words: words) else { throw .bad("invalid query") }
        return query
    }

    private func candidates(_ query: Query, of menu: Menu) -> [Row] {
        guard let table = tables[menu.path] else { return [] }
        guard let alternatives = query.alternatives(for: menu.indexed) else { return table.all }
        var found: [Int: Row] = [:]
        for (key, value) in alternatives { for row in table.rows(key, value) { found[row.id] = row } }
        return found.values.sorted { $0.id < $1.id }
    }

    private func list(_ value: WireJSON.Value?) -> [String]? {
        switch value {
        case .list(let list): list
        case .text(let text): text.split(separator: ",").map(String.init)
        case nil: nil
        }
    }

    func project(_ row: [String: String], _ call: RouterCall) -> [String: String] { project(row, to: call.proplist) }

    private func project(_ row: [String: String], to fields: [String]?) -> [String: String] {
        guard let fields else { return row }
        return row.filter { fields.contains($0.key) }
    }

    mutating func addRow(_ menu: Menu, _ call: RouterCall) throws(RouterRefusal) -> RouterAnswer {
        guard tree.arguments(of: "add", in: menu.path) != nil, !Self.readOnly.contains(menu.path) else {
            throw .notAcceptable("add")
        }
        let given = try normalized(try values(call), command: "add", of: menu)
        let missing = menu.required.filter { given[$0] == nil }
        guard missing.isEmpty else { throw .bad("missing value(s) of argument(s) \(missing.joined(separator: " "))") }
        if menu.path == "ip/hotspot/ip-binding", given["address"] == nil, given["mac-address"] == nil {
            throw .failure("address or mac-address is required")
        }
        let values = menu.defaults.merging(given) { $1 }
        try checkUnique(values, of: menu, except: nil)
        let row = store(values, as: nil, in: menu)
        return RouterAnswer(status: 201, content: .row(printed(row, of: menu.path)))
    }

    /// Menus whose `add` in the command tree does not work on a router.
    private static let readOnly: Set<String> = ["ip/hotspot/active"]

    mutating func setRow(
        _ row: Row, of menu: Menu, _ values: [String: String]
    ) throws(RouterRefusal) -> RouterAnswer {
        let given = try normalized(values, command: "set", of: menu)
        if menu.path == Self.clock { try setClock(given) }
        let changed = row.values.merging(given) { $1 }
        try checkUnique(changed, of: menu, except: row.id)
        return RouterAnswer(content: .row(printed(store(changed, as: row, in: menu), of: menu.path)))
    }

    /// Stores a row. An address list entry with a timeout becomes dynamic.
    private mutating func store(_ values: [String: String], as row: Row?, in menu: Menu) -> Row {
        var values = values
        var until = row?.until
        if menu.path == "ip/firewall/address-list", let timeout = values.removeValue(forKey: "timeout") {
            until = now().addingTimeInterval(Double(RouterDuration.seconds(timeout) ?? 0))
            values["dynamic"] = "true"
            nextSweep = min(nextSweep, until ?? nextSweep)
        }
        guard var row else {
            return tables[menu.path]?.add(values, since: now(), until: until)
                ?? Row(id: 0, values: values, since: now())
        }
        (row.values, row.until) = (values, until)
        tables[menu.path]?.change(row.id) { ($0.values, $0.until) = (values, until) }
        return row
    }

    private func checkUnique(_ values: [String: String], of menu: Menu, except id: Int?) throws(RouterRefusal) {
        guard let unique = menu.unique, let first = unique.keys.first(where: { values[$0] != nil }) else { return }
        let twins = tables[menu.path]?.count(first, values[first] ?? "") { row in
            row.id != id && unique.keys.allSatisfy { row.values[$0] == values[$0] }
        }
        guard twins ?? 0 == 0 else { throw .failure(unique.refusal) }
    }
}
