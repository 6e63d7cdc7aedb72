internal import Foundation

/// The clock that the router shows, in UTC. Sessions do not use it; they end by the true clock.
extension RouterDevice {
    static let clock = "system/clock"

    var shownClock: [String: String] {
        let text = now().addingTimeInterval(clockAhead).formatted(.iso8601)
        let day = String(text.prefix(10))
        return ["date": isSixth ? Self.olderForm(day) : day, "time": String(text.dropFirst(11).prefix(8))]
    }

    private var isSixth: Bool { tables["system/resource"]?.all.first?.values["version"]?.hasPrefix("6.") == true }

    /// The form `nov/21/2026`, used before 7.10.
    private static func olderForm(_ day: String) -> String {
        let names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        let parts = day.split(separator: "-").compactMap { Int($0) }
        return "\(names[parts[1] - 1])/\(parts[2] < 10 ? "0" : "")\(parts[2])/\(parts[0])"
    }

    /// Sets `date` and `time`; an omitted value does not change.
    mutating func setClock(_ values: [String: String]) throws(RouterRefusal) {
        let shown = now().addingTimeInterval(clockAhead).formatted(.iso8601)
        let (day, time) = (String(shown.prefix(10)), String(shown.dropFirst(11).prefix(8)))
        let text = "\(values["date"] ?? day)T\(values["time"] ?? time)Z"
        guard let wanted = try? Date(text, strategy: .iso8601) else { throw .bad("invalid value for argument date") }
        clockAhead = wanted.timeIntervalSince(now())
    }
}
