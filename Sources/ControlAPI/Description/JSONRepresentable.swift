import Captive
import Foundation
import NetworkAddress

/// A value that can be written as JSON, with the schema of its JSON form.
protocol JSONRepresentable: SendableMetatype {
    static var schema: Schema { get }
    var json: JSONValue { get }
}

extension String: JSONRepresentable {
    static var schema: Schema { .string }
    var json: JSONValue { .string(self) }
}

extension Int: JSONRepresentable {
    static var schema: Schema { .integer }
    var json: JSONValue { .integer(self) }
}

extension Bool: JSONRepresentable {
    static var schema: Schema { .boolean }
    var json: JSONValue { .bool(self) }
}

extension UUID: JSONRepresentable {
    static var schema: Schema { .id }
    var json: JSONValue { .string(text) }
}

extension Date: JSONRepresentable {
    static var schema: Schema { .time }
    /// ISO 8601 in UTC, whole seconds: `2025-10-29T12:00:00Z`.
    var json: JSONValue { .string(formatted(.iso8601)) }
}

extension Color: JSONRepresentable {
    static var schema: Schema { ["type": "string", "pattern": "^#[0-9a-f]{6}$"] }
    /// Six hexadecimal digits in lower case.
    var json: JSONValue { .string(description) }
}

extension Subnet: JSONRepresentable {
    static var schema: Schema { ["type": "string", "examples": ["192.168.88.0/24"]] }
    var json: JSONValue { .string(description) }
}

extension MACAddress: JSONRepresentable {
    static var schema: Schema { ["type": "string", "pattern": "^([0-9A-F]{2}:){5}[0-9A-F]{2}$"] }
    var json: JSONValue { .string(description) }
}

extension IPAddress: JSONRepresentable {
    static var schema: Schema {
        ["anyOf": [["type": "string", "format": "ipv4"], ["type": "string", "format": "ipv6"]]]
    }
    var json: JSONValue { .string(description) }
}

extension Optional: JSONRepresentable where Wrapped: JSONRepresentable {
    static var schema: Schema { Wrapped.schema.nullable }
    var json: JSONValue { self?.json ?? .null }
}

extension Array: JSONRepresentable where Element: JSONRepresentable {
    static var schema: Schema { .list(of: Element.schema) }
    var json: JSONValue { .array(map(\.json)) }
}

/// Enumerations are written as their raw values.
extension JSONRepresentable where Self: RawRepresentable & CaseIterable, RawValue == String {
    static var schema: Schema { .enumeration(allCases.map(\.rawValue)) }
    var json: JSONValue { .string(rawValue) }
}
