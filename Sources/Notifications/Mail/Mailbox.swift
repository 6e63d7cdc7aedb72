package import Captive
import Foundation

/// The sender of a message: an address with an optional name (RFC 5322 section 3.4):
/// `Guest Wi-Fi <wifi@example.org>`.
package struct Mailbox: Sendable, Equatable {
    package let name: String?
    package let address: EmailAddress

    /// Nil unless `text` is an address, or a name without control characters and an address in angle brackets.
    package init?(_ text: String) {
        let trimmed = text.trimmingCharacters(in: .whitespaces)
        guard trimmed.hasSuffix(">"), let bracket = trimmed.lastIndex(of: "<") else {
            guard let address = EmailAddress(trimmed) else { return nil }
            (name, self.address) = (nil, address)
            return
        }
        let name = trimmed[..<bracket].trimmingCharacters(in: CharacterSet(charactersIn: "\" "))
        let isClean = !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard let address = EmailAddress(String(trimmed[bracket...].dropFirst().dropLast())), isClean else {
            return nil
        }
        (self.name, self.address) = (name.isEmpty ? nil : name, address)
    }
}
