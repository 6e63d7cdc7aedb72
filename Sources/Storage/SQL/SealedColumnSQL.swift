import Captive

/// Statements on any column with sealed values.
enum SealedColumnSQL {
    static let dropHandovers = "DELETE FROM handovers"
    static let dropAnswers = "UPDATE kept_answers SET answer = NULL"

    /// Rows by the beginning of their values, which holds the key id. Argument: the earliest time that counts.
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

    /// Key and value of rows whose value begins otherwise. Arguments: the beginning, the limit, the key of the row
    /// before.
    static func page(_ column: SealedColumn) -> String {
        let start = column.key.indices.map { "?\($0 + 3)" }.joined(separator: ", ")
        let page = """
            SELECT \(column.names), \(column.column) FROM \(column.table)
            WHERE (\(column.names)) > (\(start)) AND \(column.column) IS NOT NULL AND \(column.prefix) <> ?1
            ORDER BY \(column.names) LIMIT ?2
            """
        return page
    }

    /// Writes a value if nobody has changed the row since it was read. Arguments: new value, value read, key.
    static func replace(_ column: SealedColumn) -> String {
        let condition = column.key.enumerated().map { "\($1.name) = ?\($0 + 3)" }.joined(separator: " AND ")
        let replace = """
            UPDATE \(column.table) SET \(column.column) = ?1 WHERE \(condition) AND \(column.column) = ?2
            """
        return replace
    }

    /// Takes away what begins with none of `count` beginnings, the arguments; nil where each value must be kept.
    static func drop(_ column: SealedColumn, allBut count: Int) -> String? {
        let beginnings = (1...max(count, 1)).map { "?\($0)" }.joined(separator: ", ")
        return column.drop.map {
            "\($0) WHERE \(column.column) IS NOT NULL AND \(column.prefix) NOT IN (\(beginnings))"
        }
    }
}

extension SealedColumn {
    /// The bytes that hold the key id.
    fileprivate var prefix: String { "SUBSTR(\(column), 1, \(Sealer.KeyID.prefixLength))" }
    fileprivate var names: String { key.map(\.name).joined(separator: ", ") }
}
