import Captive
import Foundation
import HTTPServer

/// `/audit-log`.
struct AuditResource {
    let store: any AuditTrail

    var section: Section {
        Section(
            "Audit log", "Who changed what, when and from where. It names fields, and holds none of their values.",
            [
                .list(
                    "/audit-log", older: [], "listAuditLog", "Lists the changes, newest first.",
                    filter: AuditFilter.input, AuditEntry.shape
                ) { try await store.auditEntries(in: $0.workspace, matching: $1, page: $2) }
            ])
    }
}

extension AuditFilter {
    fileprivate static let input = Input { query in
        AuditFilter(
            resource: query.filter("resource", .text(100), "Only this kind of resource, such as `instances`."),
            resourceID: query.filter("resource_id", .text(100), "Only the resource with this ID."),
            tokenID: query.filter("token_id", .text(200), "Only what this token (`jti`) did."),
            since: query.filter("since", .time, "Only from this time on."),
            until: query.filter("until", .time, "Only before this time."))
    }
}

extension Rule where Value == Date {
    fileprivate static var time: Rule {
        Rule(
            expected: "a time such as 2025-10-29T12:00:00Z",
            schema: ["type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$"]
        ) { value in
            guard case .string(let text) = value, text.utf8.count == 20 else { return nil }
            return try? Date(text, strategy: .iso8601)
        }
    }
}

extension AuditEntry: Listed {}

extension AuditEntry: Shaped {
    static var shape: Shape<AuditEntry> {
        Shape(
            "AuditEntry",
            [
                .init("id", "The entry's ID.") { $0.id },
                .init("action", "What was done, by the name of the call.") { $0.action },
                .init("resource", "The kind of resource.") { $0.resource },
                .init(
                    "resource_id",
                    "The resource's ID; of things made several at a time, that of what they belong to; null where there is none."
                ) { $0.resourceID },
                .init("path", "The request's path; null for the command line.") { $0.path },
                .init("fields", "The names of the fields that were given.") { $0.fields },
                .init("token_id", "The token's `jti`; null for the command line.") { $0.actor.tokenID },
                .init("subject", "Whom the token names, or the user at the command line.") { $0.actor.subject },
                .init("address", "Where the request came from; null for the command line.") { $0.actor.address },
                .init("created_at", "When it was done.") { $0.createdAt },
            ])
    }
}
