/// The number of stored secrets by table and key.
package struct SecretKeyUsage: Sendable, Equatable {
    /// The stored secrets of one table with one key.
    package struct Entry: Sendable, Equatable {
        package var table: String
        /// Nil for damaged secrets, which are not sealed forms.
        package var key: Sealer.KeyID?
        package var count: Int

        package init(table: String, key: Sealer.KeyID?, count: Int) {
            (self.table, self.key, self.count) = (table, key, count)
        }
    }

    /// The configured keys, in order. The first key seals.
    package var configured: [Sealer.KeyID]
    package var entries: [Entry]

    package init(configured: [Sealer.KeyID], entries: [Entry]) {
        (self.configured, self.entries) = (configured, entries)
    }

    /// Secrets that no configured key opens.
    package var unreadable: [Entry] {
        entries.filter { entry in !configured.contains { $0 == entry.key } }
    }

    /// Secrets that a configured key other than the first one opens.
    package var outdated: [Entry] {
        entries.filter { entry in configured.dropFirst().contains { $0 == entry.key } }
    }

    /// Secrets that `key` opens.
    package func entries(of key: Sealer.KeyID) -> [Entry] { entries.filter { $0.key == key } }
}

extension [SecretKeyUsage.Entry] {
    /// The number of secrets in all tables.
    package var total: Int { reduce(0) { $0 + $1.count } }
}
