internal import Foundation

/// Execution of requests: REST methods and commands.
extension RouterDevice {
    mutating func answer(_ call: RouterCall) -> RouterAnswer {
        do throws(RouterRefusal) {
            try account.check(call)
            sweep()
            guard now() >= bootedAt else { return try answerWhileStarting(call) }
            return try dispatch(call)
        } catch {
            return error.answer
        }
    }

    /// While starting, lists and single rows are empty and commands are unknown.
    private func answerWhileStarting(_ call: RouterCall) throws(RouterRefusal) -> RouterAnswer {
        guard call.isReading else { throw .bad("no such command prefix") }
        return RouterAnswer(content: MenuCatalog.menus[call.menu]?.isSingle == true ? .row([:]) : .rows([]))
    }

    private mutating func dispatch(_ call: RouterCall) throws(RouterRefusal) -> RouterAnswer {
        let (menu, rest) = try resolve(call)
        switch (call.method, rest) {
        case ("GET", nil): return try printMenu(menu, call)
        case ("GET", let name?):
            return RouterAnswer(
                content: .row(project(printed(try row(name, of: menu, call), of: menu.path), call)))
        case ("PUT", nil): return try addRow(menu, call)
        case ("PATCH", let name?): return try setRow(try row(name, of: menu, call), of: menu, try values(call))
        case ("PATCH", nil), ("DELETE", nil): throw .badID
        case ("DELETE", let name?):
            try needCommand("remove", in: menu)
            removeRow(try row(name, of: menu, call), from: menu.path)
            return RouterAnswer(status: 204, content: .removed)
        case ("POST", let command?): return try run(command, in: menu, call)
        default: throw .noCommand(rest ?? call.method.lowercased())
        }
    }

    /// The menu at the start of the path, and the segment that may follow it.
    private func resolve(_ call: RouterCall) throws(RouterRefusal) -> (Menu, String?) {
        if let menu = MenuCatalog.menus[call.path.joined(separator: "/")] { return (menu, nil) }
        guard let last = call.path.last, let menu = MenuCatalog.menus[call.path.dropLast().joined(separator: "/")]
        else {
            throw .noCommand(call.path.last ?? "")
        }
        return (menu, last)
    }

    /// Finds a row by id, or by name if the menu has names.
    private func row(_ text: String, of menu: Menu, _ call: RouterCall) throws(RouterRefusal) -> Row {
        if text.hasPrefix("*") {
            guard !call.hasEncodedStar, let id = Int(text.dropFirst(), radix: 16) else { throw .badID }
            guard let row = tables[menu.path]?[id] else { throw .notFound }
            return row
        }
        guard menu.hasName else { throw .bad("no such command prefix") }
        guard let row = tables[menu.path]?.rows("name", text).first else { throw .notFound }
        return row
    }

    private func needCommand(_ command: String, in menu: Menu) throws(RouterRefusal) {
        guard tree.arguments(of: command, in: menu.path) != nil else { throw .notAcceptable(command) }
    }

    private mutating func run(
        _ command: String, in menu: Menu, _ call: RouterCall
    ) throws(RouterRefusal) -> RouterAnswer {
        let values = try values(call)
        switch command {
        case "print": return try printMenu(menu, call)
        case "login" where menu.path == "ip/hotspot/active":
            try checkArguments(values, of: command, in: menu)
            try logIn(values)
        case "reset-counters" where menu.path == "ip/hotspot/user": resetCounters(try rows(values, of: menu).map(\.id))
        case "remove":
            try needCommand(command, in: menu)
            for row in try rows(values, of: menu) { removeRow(row, from: menu.path) }
        case "set" where menu.isSingle:
            guard let row = tables[menu.path]?.all.first else { throw .notFound }
            _ = try setRow(row, of: menu, values)
        case "set":
            let changes = values.filter { $0.key != ".id" && $0.key != "numbers" }
            for row in try rows(values, of: menu) { _ = try setRow(row, of: menu, changes) }
        case "add": return try addRow(menu, call)
        default: throw .noCommand(command)
        }
        return RouterAnswer(content: .nothing)
    }

    /// The rows listed in `.id` or `numbers`.
    private func rows(_ values: [String: String], of menu: Menu) throws(RouterRefusal) -> [Row] {
        guard let list = values[".id"] ?? values["numbers"] else { throw .bad("missing =.id=") }
        var found: [Row] = []
        for text in list.split(separator: ",") {
            let id = text.hasPrefix("*") ? Int(text.dropFirst(), radix: 16) : nil
            let named = menu.hasName ? tables[menu.path]?.rows("name", String(text)).first : nil
            guard let row = id.flatMap({ tables[menu.path]?[$0] }) ?? named else { throw .bad("no such item") }
            found.append(row)
        }
        return found
    }

    func values(_ call: RouterCall) throws(RouterRefusal) -> [String: String] {
        try members(call).compactMapValues { if case .text(let text) = $0 { text } else { nil } }
    }

    func members(_ call: RouterCall) throws(RouterRefusal) -> [String: WireJSON.Value] {
        switch call.body {
        case .members(let members): return members
        case .json(let bytes):
            if bytes.isEmpty { return [:] }
            guard let members = WireJSON.object(bytes) else { throw .bad("invalid JSON") }
            return members
        }
    }
}
