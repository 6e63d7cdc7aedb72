import ArgumentParser
import Captive
import ControlAPI
import Foundation
import NetworkAddress
import Storage

struct Token: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Manage API tokens", subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create an API token and print it to stdout",
            discussion: "Example: portico token create --workspace hotel --scope captive:read --expires-in 30d")

        @OptionGroup var configuration: ConfigurationOption
        @Option(help: "The workspace that the token gives access to.") var workspace = "default"
        @Option(help: "captive:read or captive:write. Repeatable. Defaults to both.") var scope: [String] = []
        @Option(help: "The lifetime: a number with s, m, h or d.") var expiresIn = "90d"

        func run() async throws {
            guard let workspace = Workspace(rawValue: workspace) else {
                throw ValidationError("--workspace must be 1 to 64 characters of a-z, 0-9, - and _")
            }
            let scopes = scope.compactMap(APIToken.Scope.init(rawValue:))
            guard scopes.count == scope.count else {
                throw ValidationError("--scope must be captive:read or captive:write")
            }
            guard let lifetime = Lifetime(expiresIn) else {
                throw ValidationError("--expires-in must be a number with s, m, h or d, such as 90d")
            }
            let services = try await Services(configuration.load())
            let id = UUID()
            let entry = AuditEntry(
                atCommandLine: "createToken", of: id, in: workspace, fields: ["scopes", "expires_at"])
            let issued = try await services.store.audited(by: entry, nil) {
                try await services.issuer.issue(
                    id: id, workspace: workspace, scopes: scopes.isEmpty ? Set(APIToken.Scope.allCases) : Set(scopes),
                    lifetime: lifetime.seconds, now: Date())
            }
            print(issued)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the issued tokens", discussion: "Example: portico token list")

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
        static let configuration = CommandConfiguration(
            abstract: "Revoke a token",
            discussion: "Example: portico token revoke 9a7f1b2c-3d4e-4f5a-8b7c-8d9e0f1a2b3c")

        @OptionGroup var configuration: ConfigurationOption
        @Argument(help: "The token's id (jti), as shown by `token list`.") var id: String

        func run() async throws {
            guard let id = UUID(uuidString: id) else { throw ValidationError("ID must be a token's id, a UUID") }
            let services = try await Services(configuration.load())
            guard let token = try await services.store.tokens().first(where: { $0.id == id }) else {
                throw CommandFailure("no token has the id \(id.text); `portico token list` shows them")
            }
            let entry = AuditEntry(
                atCommandLine: "revokeToken", of: id, in: token.workspace, fields: ["revoked_at"])
            _ = try await services.store.audited(by: entry, nil) {
                try await services.revocations.revoke(id, now: Date())
            }
        }
    }
}

extension AuditEntry {
    /// An audit entry for a change by a user of this machine.
    fileprivate init(atCommandLine action: String, of id: UUID, in workspace: Workspace, fields: [String]) {
        self.init(
            workspace: workspace, actor: Actor(tokenID: nil, subject: NSUserName(), address: nil), action: action,
            resource: "tokens", resourceID: id.text, fields: fields, createdAt: Date())
    }
}

/// A duration in the form `90d`, `12h`, `30m` or `45s`.
struct Lifetime {
    let seconds: Int

    init?(_ text: String) {
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast(), in: 1...100_000)
        else { return nil }
        seconds = count * unit
    }
}
