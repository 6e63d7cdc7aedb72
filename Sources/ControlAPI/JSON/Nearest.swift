extension String {
    /// The most similar of `words`; nil if none is similar enough.
    func nearest(in words: [String]) -> String? {
        guard utf8.count <= 64 else { return nil }
        let ranked = words.map { (word: $0, distance: distance(to: $0)) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(2, best.word.utf8.count / 3) ? best.word : nil
    }

    /// The Levenshtein distance in bytes, ignoring case.
    private func distance(to other: String) -> Int {
        let target = Array(other.lowercased().utf8)
        var row = Array(0...target.count)
        for (line, byte) in lowercased().utf8.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for column in target.indices {
                let replaced = diagonal + (byte == target[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = Swift.min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[target.count]
    }
}
