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
        let text = Rule<String>.matching(
            timePattern, atMost: 20, examples: ["2025-10-29T12:00:00Z"], expected: "a time such as 2025-10-29T12:00:00Z"
        )
        return Rule(expected: text.expected, schema: text.schema) { value in
            text.read(value).flatMap { try? Date($0, strategy: .iso8601) }
        }
    }
}

/// From the year 1000 to 2999, with days that the calendar has.
private let timePattern: Pattern = {
    let leapYear = "([12][0-9](0[48]|[2468][048]|[13579][26])|(12|16|20|24|28)00)"
    let days = "((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
    return Pattern("([12][0-9]{3}-\(days)|\(leapYear)-02-29)T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z")
}()

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
