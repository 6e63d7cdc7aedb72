import Captive
import Foundation
import HTTPServer
import Storage

/// `/audit-log`.
struct AuditResource {
    let store: Store

    var section: Section {
        Section(
            "Audit log",
            "The record of changes: who, what, when and from where. Field names are recorded, values are not.",
            [
                .list(
                    "/audit-log", legacy: [], "listAuditLog", "List changes, newest first",
                    filter: AuditFilter.input, AuditEntry.shape
                ) { try await store.auditEntries(in: $0.workspace, matching: $1, page: $2) }
            ])
    }
}

extension AuditFilter {
    fileprivate static let input = Input { query in
        AuditFilter(
            resource: query.filter(
                "resource", .text(100), "Only entries for this kind of resource, such as `instances`."),
            resourceID: query.filter("resource_id", .text(100), "Only entries for the resource with this ID."),
            tokenID: query.filter("token_id", .text(200), "Only entries made with this token (`jti`)."),
            since: query.filter("since", .time, "Only entries at or after this time."),
            until: query.filter("until", .time, "Only entries before this time."))
    }
}

extension Rule where Value == Date {
    fileprivate static var time: Rule {
        let text = Rule<String>.matching(
            timePattern, atMost: 20, examples: ["2025-10-29T12:00:00Z"], expected: "a time such as 2025-10-29T12:00:00Z"
        )
        return Rule(expected: text.expected, schema: text.schema) { value in
            text.read(value).flatMap { try? Date($0, strategy: .iso8601) }
        }
    }
}

/// Years 1000 to 2999; only days that exist in the calendar.
private let timePattern: Pattern = {
    let leapYear = "([12][0-9](0[48]|[2468][048]|[13579][26])|(12|16|20|24|28)00)"
    let days = "((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    return Pattern("([12][0-9]{3}-\(days)|\(leapYear)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
}()

extension AuditEntry: Pageable {}

extension AuditEntry: Shaped {
    static var shape: Shape<AuditEntry> {
        Shape(
            "AuditEntry",
            [
                .init("id", "The entry's ID.") { $0.id },
                .init("action", "The name of the action, such as `createInstance`.") { $0.action },
                .init("resource", "The kind of resource.") { $0.resource },
                .init(
                    "resource_id",
                    "The resource's ID; for resources created in a batch, the ID of their parent; null if none."
                ) { $0.resourceID },
                .init("path", "The path of the request; null for the command line.") { $0.path },
                .init("fields", "The names of the fields in the request.") { $0.fields },
                .init("token_id", "The token's `jti`; null for the command line.") { $0.actor.tokenID },
                .init("subject", "The subject (`sub`) of the token, or the user of the command line.") {
                    $0.actor.subject
                },
                .init("address", "The client's IP address; null for the command line.") { $0.actor.address },
                .init("created_at", "When the change was made.") { $0.createdAt },
            ])
    }
}
