import Captive
import Foundation
import NetworkAddress

/// Reads the columns of a row from left to right. Every read throws `StorageError.damagedRow` for a value of another
/// kind.
struct RowReader {
    private let values: [SQLValue]
    private var position = 0

    init(_ row: SQLRow) { values = row.values }

    mutating func integer() throws -> Int {
        guard case .integer(let value) = try next() else { throw StorageError.damagedRow("number") }
        return Int(value)
    }

    mutating func text() throws -> String {
        guard case .text(let value) = try next() else { throw StorageError.damagedRow("text") }
        return value
    }

    mutating func bytes() throws -> [UInt8] {
        guard case .blob(let value) = try next() else { throw StorageError.damagedRow("bytes") }
        return value
    }

    mutating func id() throws -> UUID {
        let bytes = try bytes()
        guard bytes.count == 16 else { throw StorageError.damagedRow("id") }
        return bytes.withUnsafeBytes { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }

    mutating func date() throws -> Date { Date(microseconds: Int64(try integer())) }

    mutating func mac() throws -> MACAddress {
        let raw = UInt64(bitPattern: Int64(try integer()))
        return try MACAddress(rawValue: raw) ?? damaged("MAC address")
    }

    mutating func ip() throws -> IPAddress { try IPAddress(octets: try bytes()) ?? damaged("IP address") }

    mutating func workspace() throws -> Workspace { try Workspace(rawValue: try text()) ?? damaged("workspace") }

    mutating func word<Word: RawRepresentable>(_: Word.Type = Word.self) throws -> Word where Word.RawValue == String {
        try Word(rawValue: try text()) ?? damaged("\(Word.self)")
    }

    /// Returns nil for NULL, and the result of `read` for any other value.
    mutating func optional<Value>(_ read: (inout RowReader) throws -> Value) throws -> Value? {
        guard position < values.count, values[position] == .null else { return try read(&self) }
        position += 1
        return nil
    }

    /// Whether the next column is NULL. Does not advance.
    var isAtNull: Bool { position < values.count && values[position] == .null }

    func damaged<Value>(_ kind: String) throws -> Value { throw StorageError.damagedRow(kind) }

    private mutating func next() throws -> SQLValue {
        guard position < values.count else { throw StorageError.damagedRow("row") }
        defer { position += 1 }
        return values[position]
    }
}
