/// The conditions of a print: `.query` words, evaluated on a stack as in the API manual, or equalities from a URL.
struct Query {
    private enum Term {
        case equals(String, String)
        case less(String, String)
        case greater(String, String)
        case has(String)
        case lacks(String)
        case and, or, not
    }

    private let terms: [Term]

    /// Returns nil if a word is invalid.
    init?(words: [String]) {
        var terms: [Term] = []
        for word in words {
            guard let more = Self.parse(word) else { return nil }
            terms += more
        }
        self.terms = terms
    }

    init(equalities: [(String, String)]) { terms = equalities.map { .equals($0.0, $0.1) } }

    /// Key-value pairs of which every matching row has at least one, so that an index can be used; nil if there are
    /// none for `keys`.
    func alternatives(for keys: Set<String>) -> [(key: String, value: String)]? {
        var found: [(key: String, value: String)] = []
        var (equalities, ors) = (0, 0)
        for term in terms {
            switch term {
            case .equals(let key, let value):
                equalities += 1
                if keys.contains(key) { found.append((key, value)) }
            case .or: ors += 1
            default: return nil
            }
        }
        if ors == 0 { return found.first.map { [$0] } }
        return found.count == equalities && ors == equalities - 1 ? found : nil
    }

    /// Whether all results on the stack are true.
    func matches(_ row: [String: String]) -> Bool {
        var stack: [Bool] = []
        for term in terms {
            switch term {
            case .equals(let key, let value): stack.append(row[key] == value)
            case .less(let key, let value): stack.append(row[key].map { Self.compare($0, value) < 0 } ?? false)
            case .greater(let key, let value): stack.append(row[key].map { Self.compare($0, value) > 0 } ?? false)
            case .has(let key): stack.append(row[key] != nil)
            case .lacks(let key): stack.append(row[key] == nil)
            case .not: if let last = stack.popLast() { stack.append(!last) }
            case .and, .or:
                guard let right = stack.popLast(), let left = stack.popLast() else { return false }
                if case .and = term { stack.append(left && right) } else { stack.append(left || right) }
            }
        }
        return stack.allSatisfy { $0 }
    }

    private static func parse(_ word: String) -> [Term]? {
        if word.hasPrefix("#") {
            let operators: [Character: Term] = ["|": .or, "&": .and, "!": .not]
            let terms = word.dropFirst().compactMap { operators[$0] }
            return terms.count == word.count - 1 ? terms : nil
        }
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let name = parts.first, !name.isEmpty else { return nil }
        guard parts.count == 2 else { return [name.hasPrefix("-") ? .lacks(String(name.dropFirst())) : .has(name)] }
        switch name.first {
        case "<": return [.less(String(name.dropFirst()), parts[1])]
        case ">": return [.greater(String(name.dropFirst()), parts[1])]
        default: return [.equals(name, parts[1])]
        }
    }

    private static func compare(_ left: String, _ right: String) -> Int {
        if let left = Int(left), let right = Int(right) { return left < right ? -1 : left > right ? 1 : 0 }
        return left < right ? -1 : left > right ? 1 : 0
    }
}
