import Captive
import Foundation
import NetworkAddress

/// A value that both engines support. Times are microseconds since 1970, ids 16 bytes, MAC addresses integers, IP
/// addresses their 4 or 16 bytes in network order.
package enum SQLValue: Sendable, Equatable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// The columns of one row, in the order of the query.
package struct SQLRow: Sendable, Equatable {
    package let values: [SQLValue]

    package init(_ values: [SQLValue]) { self.values = values }
}

extension SQLValue {
    static func integer(_ value: Int) -> SQLValue { .integer(Int64(value)) }
    static func id(_ id: UUID) -> SQLValue { withUnsafeBytes(of: id.uuid) { .blob(Array($0)) } }
    static func id(_ id: UUID?) -> SQLValue { id.map { .id($0) } ?? .null }
    static func text(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
    static func date(_ date: Date) -> SQLValue { .integer(date.microseconds) }
    static func date(_ date: Date?) -> SQLValue { date.map { .date($0) } ?? .null }
    static func mac(_ mac: MACAddress) -> SQLValue { .integer(Int64(mac.rawValue)) }
    static func ip(_ address: IPAddress) -> SQLValue { .blob(address.octets) }
    static func workspace(_ workspace: Workspace) -> SQLValue { .text(workspace.rawValue) }
}

extension Date {
    /// Microseconds since 1970, rounded to the precision of a double. Times beyond the year 200,000 are clamped to that
    /// year.
    var microseconds: Int64 {
        Int64(saturating: max(-6e18, min(6e18, (timeIntervalSince1970 * 1_000_000).rounded())))
    }

    init(microseconds: Int64) { self.init(timeIntervalSince1970: Double(microseconds) / 1_000_000) }

    /// The time as stored in a row, so that the result of a store equals what it reads later.
    var kept: Date { Date(microseconds: microseconds) }
}
