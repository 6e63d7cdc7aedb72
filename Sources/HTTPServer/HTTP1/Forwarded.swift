internal import NetworkAddress

/// One element of a `Forwarded` field (RFC 7239 section 4).
struct Forwarded {
    /// nil for `unknown` or an obfuscated token.
    var client: IPAddress?
    var scheme: String?
    var host: String?

    /// The elements of all values, in order from the first to the last hop.
    static func elements(of values: [String]) -> [Forwarded] {
        values.flatMap { split($0, at: ",") }.map { element in
            var forwarded = Forwarded()
            for pair in split(element, at: ";") { forwarded.take(pair) }
            return forwarded
        }
    }

    private mutating func take(_ pair: String) {
        let parts = pair.split(separator: "=", maxSplits: 1).map { $0.trimmingBlanks }
        guard parts.count == 2 else { return }
        let value = Forwarded.unquoted(parts[1])
        switch parts[0].lowercased() {
        case "for": client = Forwarded.address(value)
        case "proto": scheme = value
        case "host": host = value
        default: break
        }
    }

    /// Parses an address with or without port. IPv6 is in brackets, or bare as in `X-Forwarded-For`.
    static func address(_ text: String) -> IPAddress? {
        if let address = IPAddress(text) { return address.unmapped }
        if let socket = SocketAddress(text) { return socket.ip.unmapped }
        guard text.hasPrefix("["), text.hasSuffix("]") else { return nil }
        return IPAddress(text.dropFirst().dropLast())?.unmapped
    }

    /// Splits `text` at separators outside quoted strings.
    private static func split(_ text: String, at separator: Character) -> [String] {
        var parts = [""]
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == separator, !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return text }
        return String(text.dropFirst().dropLast().filter { $0 != "\\" })
    }
}
