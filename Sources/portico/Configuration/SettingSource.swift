import Foundation
import Yams

/// The settings as text. Environment variables override the file, and flags override both.
struct SettingSource {
    private(set) var texts: [Setting: String] = [:]
    private(set) var problems: [String] = []

    init(file: String?, environment: [String: String], flags: [Setting: String] = [:]) {
        if let file { readFile(file) }
        for setting in Setting.allCases {
            if let text = environment[setting.environmentName] { texts[setting] = text }
        }
        rejectUnknown(environment)
        texts.merge(flags) { _, flag in flag }
    }

    private mutating func readFile(_ path: String) {
        do {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                problems.append("\(path): cannot be read; check the path and its permissions")
                return
            }
            switch try Yams.load(yaml: text) {
            case nil: break
            case let tree as [String: Any]: flatten(tree, prefix: "", path)
            default: problems.append("\(path): must be a YAML mapping of settings")
            }
        } catch {
            let position =
                (error as? YamlError).map { "\($0)".split(separator: "\n").first.map(String.init) ?? "" } ?? ""
            problems.append("\(path): is not valid YAML: \(position)")
        }
    }

    private mutating func flatten(_ tree: [String: Any], prefix: String, _ path: String) {
        for (key, value) in tree.sorted(by: { $0.key < $1.key }) {
            let name = prefix + key
            if let setting = Setting(rawValue: name) {
                texts[setting] = Self.text(of: value)
            } else if let branch = value as? [String: Any],
                Setting.allCases.contains(where: { $0.rawValue.hasPrefix(name + ".") })
            {
                flatten(branch, prefix: name + ".", path)
            } else {
                problems.append("\(path): unknown setting '\(name)'\(Self.hint(name))")
            }
        }
    }

    private mutating func rejectUnknown(_ environment: [String: String]) {
        let known = Set(Setting.allCases.map(\.environmentName))
        for name in environment.keys.sorted() where name.hasPrefix("PORTICO_") && !known.contains(name) {
            let dotted = name.dropFirst("PORTICO_".count).lowercased()
            let hint = Setting.nearest(to: dotted).map { "; did you mean \($0.environmentName)?" } ?? ""
            problems.append("environment: unknown setting '\(name)'\(hint)")
        }
    }

    private static func hint(_ name: String) -> String {
        Setting.nearest(to: name).map { "; did you mean '\($0.rawValue)'?" } ?? ""
    }

    private static func text(of value: Any) -> String {
        switch value {
        case let list as [Any]: list.map { "\($0)" }.joined(separator: ",")
        default: "\(value)"
        }
    }
}
