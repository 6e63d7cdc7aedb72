import Captive
import Foundation
import HTTPServer
import NetworkAddress

/// Parses settings and collects problems. A problem never contains the setting's value, which may be a secret.
struct SettingReader {
    private let texts: [Setting: String]
    private(set) var problems: [String]

    init(_ source: SettingSource) {
        texts = source.texts
        problems = source.problems
    }

    /// Returns the setting's text; nil if it is missing or empty.
    func text(_ setting: Setting) -> String? { texts[setting].flatMap { $0.isEmpty ? nil : $0 } }

    /// Returns the parsed setting; nil if it is missing or invalid. An invalid setting adds a problem with `expected`.
    mutating func read<Value>(_ setting: Setting, _ expected: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = text(setting) else { return nil }
        let value = parse(text)
        if value == nil { problems.append("\(setting.rawValue) (\(setting.environmentName)): must be \(expected)") }
        return value
    }

    /// Like `read`, but a missing setting is a problem too.
    mutating func required<Value>(_ setting: Setting, _ expected: String, _ parse: (String) -> Value?) -> Value? {
        check(text(setting) != nil) { "\(setting.rawValue) (\(setting.environmentName)): is required: \(expected)" }
        return read(setting, expected, parse)
    }

    mutating func integer(_ setting: Setting, _ range: ClosedRange<Int>) -> Int? {
        read(setting, "a whole number from \(range.lowerBound) to \(range.upperBound)") { Int($0, in: range) }
    }

    mutating func flag(_ setting: Setting) -> Bool? {
        read(setting, "true or false") { Bool($0) }
    }

    mutating func listener(_ setting: Setting, default fallback: String) -> SocketAddress? {
        let text = text(setting) ?? fallback
        guard text != "off" else { return nil }
        return read(setting, "ADDRESS:PORT or off") { SocketAddress($0) } ?? SocketAddress(fallback)
    }

    mutating func directory(_ setting: Setting) -> [String] {
        guard let path = text(setting) else { return [] }
        add(FileProblem.folder(path), of: setting)
        return [path]
    }

    /// Returns the path of a file. A file that cannot be read is a problem.
    mutating func file(_ setting: Setting) -> String? {
        guard let path = text(setting) else { return nil }
        add(FileProblem.file(path), of: setting)
        return path
    }

    private mutating func add(_ problem: String?, of setting: Setting) {
        if let problem { problems.append("\(setting.rawValue) (\(setting.environmentName)): \(problem)") }
    }

    /// Returns the external issuer; nil if it is not set. Requires all three settings or none.
    mutating func outsideIssuer() -> Configuration.OutsideIssuer? {
        let texts = [Setting.apiJWKSURL, .apiIssuer, .apiAudience].map { text($0) }
        check(texts.allSatisfy { $0 == nil } || texts.allSatisfy { $0 != nil }) {
            "set api.jwks_url, api.issuer and api.audience, or none of them"
        }
        guard let url = texts[0], let issuer = texts[1], let audience = texts[2] else { return nil }
        check(Self.isTrustworthy(url)) {
            "api.jwks_url (\(Setting.apiJWKSURL.environmentName)): must be an https address such as https://id.example.org/keys; http is allowed for loopback only, because an attacker who replaces the keys gets access to all workspaces"
        }
        return Configuration.OutsideIssuer(keySetURL: url, issuer: issuer, audience: audience)
    }

    /// Whether the address is protected against tampering: https, or http to this machine.
    private static func isTrustworthy(_ url: String) -> Bool {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else { return false }
        let literal = IPAddress(host.trimmingCharacters(in: CharacterSet(charactersIn: "[]")))
        return parts.scheme == "https" || parts.scheme == "http" && (host == "localhost" || literal?.isLoopback == true)
    }

    /// Returns the workspaces that may use local drivers, and whether routers may have local addresses.
    mutating func routerPolicy() -> RouterPolicy {
        var policy = RouterPolicy()
        let workspaces = read(.driversLocal, "comma-separated workspaces, such as default,hotel") { text in
            Configuration.list(text) { Workspace(rawValue: String($0)) }
        }
        policy.localWorkspaces = workspaces.map(Set.init) ?? policy.localWorkspaces
        policy.allowsLocalRouters = flag(.routersAllowLocal) ?? policy.allowsLocalRouters
        return policy
    }

    mutating func serverLimits() -> Server.Limits {
        var limits = Server.Limits()
        limits.requestLine = integer(.requestLine, 1_024...65_536) ?? limits.requestLine
        limits.headerBytes = integer(.headerLimit, 4_096...1_048_576) ?? limits.headerBytes
        limits.headerFields = integer(.headerFields, 16...1_000) ?? limits.headerFields
        limits.connections = integer(.connections, 0...1_000_000) ?? limits.connections
        limits.connectionsPerClient = integer(.connectionsPerClient, 0...1_000_000) ?? limits.connectionsPerClient
        limits.headerTime = seconds(.headerTime) ?? limits.headerTime
        limits.idleTime = seconds(.idleTime) ?? limits.idleTime
        limits.handshakeTime = seconds(.handshakeTime) ?? limits.handshakeTime
        return limits
    }

    mutating func check(_ holds: Bool, _ problem: () -> String) {
        if !holds { problems.append(problem()) }
    }

    private mutating func seconds(_ setting: Setting) -> Duration? {
        integer(setting, 1...3_600).map { .seconds($0) }
    }
}
