import Foundation

extension JSONValue {
    /// ISO 8601 in UTC, whole seconds: `2025-10-29T12:00:00Z`.
    init(_ time: Date?) {
        self = time.map { .string($0.formatted(.iso8601)) } ?? .null
    }
}
