/// Which keys the stored secrets need.
package struct SecretCensus: Sendable, Equatable {
    /// The stored secrets of one table that one key opens.
    package struct Entry: Sendable, Equatable {
        package var table: String
        /// Nil for what is no sealed form: it is damaged.
        package var key: Sealer.KeyID?
        package var count: Int

        package init(table: String, key: Sealer.KeyID?, count: Int) {
            (self.table, self.key, self.count) = (table, key, count)
        }
    }

    /// The configured keys, in their order: the first seals.
    package var configured: [Sealer.KeyID]
    package var entries: [Entry]

    package init(configured: [Sealer.KeyID], entries: [Entry]) {
        (self.configured, self.entries) = (configured, entries)
    }

    /// What opens with no configured key.
    package var unreadable: [Entry] {
        entries.filter { entry in !configured.contains { $0 == entry.key } }
    }

    /// What a configured key opens that is not the first one.
    package var outdated: [Entry] {
        entries.filter { entry in configured.dropFirst().contains { $0 == entry.key } }
    }

    /// What that key opens.
    package func entries(of key: Sealer.KeyID) -> [Entry] { entries.filter { $0.key == key } }
}

extension [SecretCensus.Entry] {
    /// How many there are, in all tables.
    package var total: Int { reduce(0) { $0 + $1.count } }
}
