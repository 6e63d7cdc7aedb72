import Foundation
internal import GRDB

/// Runs statements on GRDB's connection. Prepares each statement once and caches it.
struct SQLiteConnection: SQLConnection {
    private let database: GRDB.Database

    init(_ database: GRDB.Database) { self.database = database }

    func rows(_ sql: String, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try SQLiteFailure.translated {
            let cursor = try Row.fetchCursor(prepared(sql, arguments))
            var rows: [SQLRow] = []
            while let row = try cursor.next() { rows.append(SQLRow(row.databaseValues.map(SQLValue.init))) }
            return rows
        }
    }

    func execute(_ sql: String, _ arguments: [SQLValue]) throws -> Int {
        try SQLiteFailure.translated {
            try prepared(sql, arguments).execute()
            return database.changesCount
        }
    }

    private func prepared(_ sql: String, _ arguments: [SQLValue]) throws -> Statement {
        let statement = try database.cachedStatement(sql: sql)
        statement.setUncheckedArguments(StatementArguments(arguments.map(\.databaseValue)))
        return statement
    }
}

extension SQLValue {
    fileprivate init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let integer): self = .integer(integer)
        case .double(let double): self = .text(String(double))
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob(Array(data))
        }
    }

    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let integer): integer.databaseValue
        case .text(let text): text.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }
}
