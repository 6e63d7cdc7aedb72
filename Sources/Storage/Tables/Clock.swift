package import Captive
import Foundation

extension Store {
    /// Applies `change` to the stored history in one transaction, and returns its result.
    package func withClockHistory<Value: Sendable>(
        _ change: @Sendable @escaping (inout ClockHistory) -> Value
    ) async throws -> Value {
        try await database.write { connection in
            var history = try Self.clockHistory(connection)
            let value = change(&history)
            try connection.execute(
                SelfCheckSQL.keepClock,
                [
                    .date(history.trusted), .date(history.doubt?.lowerBound), .date(history.doubt?.upperBound),
                ])
            return value
        }
    }

    /// Without a stored history, uses the time of the newest row that the portal writes by itself.
    private static func clockHistory(_ connection: any SQLConnection) throws -> ClockHistory {
        var history = ClockHistory()
        if let row = try connection.row(SelfCheckSQL.clock, []) {
            var reader = RowReader(row)
            history.trusted = try reader.optional { try $0.date() }
            if let start = try reader.optional({ try $0.date() }), let end = try reader.optional({ try $0.date() }) {
                history.doubt = start...max(start, end)
            }
        }
        if history.trusted == nil, let row = try connection.row(SelfCheckSQL.newest, []) {
            var reader = RowReader(row)
            history.trusted = try reader.optional { try $0.date() }
        }
        return history
    }
}
