internal import Foundation

/// The menus, commands and arguments of a RouterOS version, as listed by its `/console/inspect`.
package struct CommandTree: Sendable {
    /// Arguments by menu and command: `ip/hotspot/user` → `add` → `name`, ….
    private let menus: [String: [String: Set<String>]]

    /// Why the tree's file cannot be read; with the name of the file.
    package enum Failure: Error {
        case missing(String)
        case malformed(String)
    }

    /// The tree of version 7.16; read once.
    static let shipped = Result { try load() }

    /// Reads the tree of `version` from the target's resources.
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

    /// Whether the tree has the menu; `menu` is a path such as `ip/hotspot`.
    package func hasMenu(_ menu: String) -> Bool { menus[menu] != nil }

    /// Returns nil if the menu does not have the command.
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
