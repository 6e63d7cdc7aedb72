internal import Foundation

/// The menus, commands and arguments of a RouterOS version, as its own `/console/inspect` lists them.
package struct CommandTree: Sendable {
    /// Arguments by command, by menu: `ip/hotspot/user` → `add` → `name`, ….
    private let menus: [String: [String: Set<String>]]

    /// The file that should hold the tree, by name.
    package enum Failure: Error {
        case missing(String)
        case malformed(String)
    }

    /// The tree of version 7.16, read once.
    static let shipped = Result { try load() }

    /// Reads the tree of `version`, which the target ships with.
    package static func load(_ version: String = "7.16") throws -> CommandTree {
        let name = "inspect-\(version)"
        guard let file = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "CommandTrees")
        else {
            throw Failure.missing(name)
        }
        guard let root = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] else {
            throw Failure.malformed(name)
        }
        var menus: [String: [String: Set<String>]] = [:]
        for (path, node) in root { collect(node, at: path, into: &menus) }
        return CommandTree(menus: menus)
    }

    /// Whether the tree has the menu at all; `menu` is a path such as `ip/hotspot`.
    package func hasMenu(_ menu: String) -> Bool { menus[menu] != nil }

    /// Nil if the menu has no such command.
    package func arguments(of command: String, in menu: String) -> Set<String>? { menus[menu]?[command] }

    private static func collect(_ node: Any, at path: String, into menus: inout [String: [String: Set<String>]]) {
        guard let children = node as? [String: Any] else { return }
        menus[path, default: [:]] = menus[path] ?? [:]
        for (name, child) in children {
            guard let child = child as? [String: Any] else { continue }
            if child["_type"] as? String == "cmd" {
                menus[path]?[name] = Set(child.keys.filter { !$0.hasPrefix("_") })
            } else {
                collect(child, at: "\(path)/\(name)", into: &menus)
            }
        }
    }
}
