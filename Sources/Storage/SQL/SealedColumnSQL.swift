import Captive

/// Statements on any column with sealed values.
enum SealedColumnSQL {
    static let dropHandovers = "DELETE FROM handovers"
    static let dropAnswers = "UPDATE kept_answers SET answer = NULL"

    /// Counts rows by the prefix of their values, which contains the key id. Argument: the earliest time that counts.
    static func census(_ column: SealedColumn) -> String {
        let condition = column.lifetime.map { " AND \($0.column) > ?1" } ?? ""
        let census = """
            SELECT \(column.prefix), COUNT(*) FROM \(column.table) WHERE \(column.column) IS NOT NULL\(condition)
            GROUP BY 1
            """
        return census
    }

    /// Key and value of the first rows. Argument: the limit.
    static func sample(_ column: SealedColumn) -> String {
        let sample = """
            SELECT \(column.names), \(column.column) FROM \(column.table) WHERE \(column.column) IS NOT NULL
            ORDER BY \(column.names) LIMIT ?1
            """
        return sample
    }

    /// Key and value of rows whose value has another prefix. Arguments: the prefix, the limit, the key of the previous
    /// row.
    static func page(_ column: SealedColumn) -> String {
        let start = column.key.indices.map { "?\($0 + 3)" }.joined(separator: ", ")
        let page = """
            SELECT \(column.names), \(column.column) FROM \(column.table)
            WHERE (\(column.names)) > (\(start)) AND \(column.column) IS NOT NULL AND \(column.prefix) <> ?1
            ORDER BY \(column.names) LIMIT ?2
            """
        return page
    }

    /// Writes a value unless the row has changed since it was read. Arguments: new value, value read, key.
    static func replace(_ column: SealedColumn) -> String {
        let condition = column.key.enumerated().map { "\($1.name) = ?\($0 + 3)" }.joined(separator: " AND ")
        let replace = """
            UPDATE \(column.table) SET \(column.column) = ?1 WHERE \(condition) AND \(column.column) = ?2
            """
        return replace
    }

    /// Removes values that have none of `count` prefixes, the arguments; nil if the values must be kept.
    static func drop(_ column: SealedColumn, allBut count: Int) -> String? {
        let beginnings = (1...max(count, 1)).map { "?\($0)" }.joined(separator: ", ")
        return column.drop.map {
            "\($0) WHERE \(column.column) IS NOT NULL AND \(column.prefix) NOT IN (\(beginnings))"
        }
    }
}

extension SealedColumn {
    /// The prefix of the value, which contains the key id.
    fileprivate var prefix: String { "SUBSTR(\(column), 1, \(Sealer.KeyID.prefixLength))" }
    fileprivate var names: String { key.map(\.name).joined(separator: ", ") }
}
