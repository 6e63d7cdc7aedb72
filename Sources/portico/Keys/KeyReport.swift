import Captive

/// A report on the keys in `secret.keys` for operators. Keys are named by their ids.
struct KeyReport {
    let usage: SecretKeyUsage

    /// The problem that prevents a start: stored secrets that no configured key opens. Nil if there are none.
    var problem: String? {
        let unreadable = usage.unreadable
        guard !unreadable.isEmpty else { return nil }
        let keys = Set(unreadable.map { $0.key?.description ?? "none (damaged)" }).sorted().joined(separator: ", ")
        return "secret.keys: no configured key opens \(unreadable.total) of the stored secrets "
            + "(\(Self.tables(unreadable))); the key they need: \(keys). Put the missing key back as the last one and "
            + "start the portal; remove it when `portico check` says that no secret needs it. If it is lost: "
            + "`portico serve --allow-unreadable-secrets`, then set those secrets again (docs/keys.md)"
    }

    /// One line per configured key.
    var lines: [String] {
        usage.configured.enumerated().map { position, key in
            let entries = usage.entries(of: key)
            let name = "secret.keys: key \(position + 1) (\(key))"
            if position == 0 {
                return "\(name) seals; \(entries.total) stored secrets need it" + Self.parenthesis(entries)
            }
            guard !entries.isEmpty else {
                return "\(name) is needed by no stored secret and can be removed; API tokens and links made with it end"
            }
            return "\(name) is still needed by \(entries.total) stored secrets\(Self.parenthesis(entries)); "
                + "the running portal re-seals them, or `portico database migrate`"
        }
    }

    /// Such as `sites 2, integrations 1`.
    static func tables(_ entries: [SecretKeyUsage.Entry]) -> String {
        var counts: [(table: String, count: Int)] = []
        for entry in entries {
            if let known = counts.firstIndex(where: { $0.table == entry.table }) {
                counts[known].count += entry.count
            } else {
                counts.append((entry.table, entry.count))
            }
        }
        return counts.map { "\($0.table) \($0.count)" }.joined(separator: ", ")
    }

    private static func parenthesis(_ entries: [SecretKeyUsage.Entry]) -> String {
        entries.isEmpty ? "" : " (\(tables(entries)))"
    }
}
