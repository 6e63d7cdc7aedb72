import Foundation
import NetworkAddress

/// A JSON value in a provider's response.
enum ClaimValue: Decodable, Sendable, Equatable {
    case string(String)
    case integer(Int)
    case number(Double)
    case bool(Bool)
    case list([ClaimValue])
    case fields([String: ClaimValue])
    case null

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
            // Safe because it is only compared, displayed, or converted to a date.
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([ClaimValue].self) {
            self = .list(value)
        } else {
            self = .fields(try container.decode([String: ClaimValue].self))
        }
    }

    /// Returns the fields of a JSON object; nil for anything else.
    static func object(from bytes: [UInt8]) -> [String: ClaimValue]? {
        guard case .fields(let fields)? = try? JSONDecoder().decode(ClaimValue.self, from: Data(bytes.streamSafeJSON))
        else {
            return nil
        }
        return fields
    }

    /// Returns the elements of a JSON array; nil for anything else.
    static func list(from bytes: [UInt8]) -> [ClaimValue]? {
        guard case .list(let values)? = try? JSONDecoder().decode(ClaimValue.self, from: Data(bytes.streamSafeJSON))
        else {
            return nil
        }
        return values
    }

    var text: String? { if case .string(let text) = self { text } else { nil } }
    var flag: Bool? { if case .bool(let flag) = self { flag } else { nil } }
    var array: [ClaimValue] { if case .list(let values) = self { values } else { [] } }
    subscript(_ name: String) -> ClaimValue? { if case .fields(let fields) = self { fields[name] } else { nil } }

    var integer: Int? { if case .integer(let value) = self { value } else { nil } }

    /// Seconds since 1970 (RFC 7519 section 2, NumericDate).
    var date: Date? {
        switch self {
        case .integer(let seconds): Date(timeIntervalSince1970: Double(seconds))
        case .number(let seconds) where seconds.isFinite: Date(timeIntervalSince1970: seconds)
        default: nil
        }
    }

    /// The value as text for admins.
    var shown: String {
        switch self {
        case .string(let text): text
        case .integer(let value): String(value)
        case .number(let value): String(value)
        case .bool(let value): String(value)
        case .list(let values): values.map(\.shown).joined(separator: ", ")
        case .fields(let fields): fields.keys.sorted().joined(separator: ", ")
        case .null: "null"
        }
    }
}

extension [String: ClaimValue] {
    /// The values as text for admins, sorted by name, each at most 300 characters.
    var shown: [(name: String, value: String)] {
        sorted { $0.key < $1.key }.map { ($0.key, String($0.value.shown.prefix(300))) }
    }
}
