import ArgumentParser
import Captive
import ControlAPI
import Foundation
import NetworkAddress
import Storage

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "API tokens.", subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Issues a token and prints it alone.")

        @OptionGroup var configuration: ConfigurationOption
        @Option(help: "The workspace whose resources the token sees.") var workspace = "default"
        @Option(help: "captive:read or captive:write; repeat for both. Both, if left out.") var scope: [String] = []
        @Option(help: "A number with s, m, h or d.") var expiresIn = "90d"

        func run() async throws {
            guard let workspace = Workspace(rawValue: workspace) else {
                throw ValidationError("--workspace takes 1 to 64 of a-z, 0-9, - and _")
            }
            let scopes = scope.compactMap(APIToken.Scope.init(rawValue:))
            guard scopes.count == scope.count else {
                throw ValidationError("--scope takes captive:read or captive:write")
            }
            guard let lifetime = Lifetime(expiresIn) else {
                throw ValidationError("--expires-in takes a number with s, m, h or d, such as 90d")
            }
            let services = try await Services(configuration.load())
            let id = UUID()
            let entry = AuditEntry(
                atCommandLine: "createToken", of: id, in: workspace, fields: ["scopes", "expires_at"])
            let issued = try await services.store.accompanied(by: entry, nil) {
                try await services.issuer.issue(
                    id: id, workspace: workspace, scopes: scopes.isEmpty ? Set(APIToken.Scope.allCases) : Set(scopes),
                    lifetime: lifetime.seconds, now: Date())
            }
            print(issued)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the tokens that were issued.")

        @OptionGroup var configuration: ConfigurationOption

        func run() async throws {
            let services = try await Services(configuration.load())
            print(
                "ID                                    WORKSPACE  SCOPES                      EXPIRES               STATE"
            )
            for token in try await services.store.tokens() { print(Self.line(token, now: Date())) }
        }

        private static func line(_ token: APIToken, now: Date) -> String {
            let scopes = token.scopes.map(\.rawValue).sorted().joined(separator: " ")
            let state = token.revokedAt != nil ? "revoked" : token.expiresAt <= now ? "expired" : "valid"
            let expiry = token.expiresAt.formatted(.iso8601)
            return [token.id.text, pad(token.workspace.rawValue, 9), pad(scopes, 26), expiry, state].joined(
                separator: "  ")
        }

        private static func pad(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes a token worthless.")

        @OptionGroup var configuration: ConfigurationOption
        @Argument(help: "The token's id (jti), as `token list` shows it.") var id: String

        func run() async throws {
            guard let id = UUID(uuidString: id) else { throw ValidationError("ID must be a token's id, a UUID") }
            let services = try await Services(configuration.load())
            guard let token = try await services.store.tokens().first(where: { $0.id == id }) else {
                throw CommandFailure("no token has the id \(id.text); `portico token list` shows them")
            }
            let entry = AuditEntry(
                atCommandLine: "revokeToken", of: id, in: token.workspace, fields: ["revoked_at"])
            _ = try await services.store.accompanied(by: entry, nil) {
                try await services.revocations.revoke(id, now: Date())
            }
        }
    }
}

extension AuditEntry {
    /// What the user of this machine does to a token.
    fileprivate init(atCommandLine action: String, of id: UUID, in workspace: Workspace, fields: [String]) {
        self.init(
            workspace: workspace, actor: Actor(tokenID: nil, subject: NSUserName(), address: nil), action: action,
            resource: "tokens", resourceID: id.text, fields: fields, createdAt: Date())
    }
}

/// A time span as people write it: `90d`, `12h`, `30m`, `45s`.
struct Lifetime {
    let seconds: Int

    init?(_ text: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast(), in: 1...100_000)
        else { return nil }
        seconds = count * unit
    }
}
