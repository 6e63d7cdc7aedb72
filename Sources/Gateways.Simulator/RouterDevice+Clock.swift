internal import Foundation

/// The clock that the router shows, which is in UTC here. It rules nothing else: sessions end by the true one.
extension RouterDevice {
    static let clock = "system/clock"

    var shownClock: [String: String] {
        let text = now().addingTimeInterval(clockAhead).formatted(.iso8601)
        return ["date": String(text.prefix(10)), "time": String(text.dropFirst(11).prefix(8))]
    }

    /// Takes `date` and `time`, either of which stays what it was if it is left out.
    mutating func setClock(_ values: [String: String]) throws(RouterRefusal) {
        let shown = shownClock.merging(values) { $1 }
        let text = "\(shown["date"] ?? "")T\(shown["time"] ?? "")Z"
        guard let wanted = try? Date(text, strategy: .iso8601) else { throw .bad("invalid value for argument date") }
        clockAhead = wanted.timeIntervalSince(now())
    }
}
