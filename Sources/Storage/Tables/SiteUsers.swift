package import Captive
package import Foundation
import NetworkAddress

extension Store {
    /// Newest first.
    package func users(
        of siteID: UUID, matching filter: SiteUserFilter, page: ListPage
    ) async throws -> [GuestSession] {
        let (sql, arguments) = SiteUserSQL.page(filter)
        return try await database.read {
            try $0.rows(sql, [.id(siteID)] + page.arguments + arguments).map(SessionRow.session)
        }
    }
}

/// The query for a site's users, with those of several fixed conditions that the filter selects.
enum SiteUserSQL {
    static func page(_ filter: SiteUserFilter) -> (sql: String, arguments: [SQLValue]) {
        var conditions: [String] = []
        var arguments: [SQLValue] = []
        func add(_ condition: String, _ value: SQLValue) {
            // ?1 to ?4 are the site and the page.
            conditions.append(condition.replacing("?", with: "?\(5 + arguments.count)"))
            arguments.append(value)
        }
        if let status = filter.status { conditions.append(condition(status)) }
        if let mac = filter.mac { add("mac = ?", .mac(mac)) }
        if let ip = filter.ip { add("ip = ?", .ip(ip)) }
        if let text = filter.text {
            let meanings = meanings(of: SiteUserSearch(text), firstArgument: 5 + arguments.count)
            conditions.append("(" + meanings.map(\.sql).joined(separator: " OR ") + ")")
            arguments += meanings.map(\.argument)
        }
        let filters = conditions.map { " AND " + $0 }.joined()
        let sql = """
            SELECT \(SessionSQL.columns) FROM sessions WHERE site_id = ?1 AND (created_at, id) < (?2, ?3)\(filters)
            ORDER BY created_at DESC, id DESC LIMIT ?4
            """
        return (sql, arguments)
    }

    /// A condition for each meaning, with its argument. An index finds a complete MAC address; the other meanings scan
    /// all users of the site.
    private static func meanings(
        of search: SiteUserSearch, firstArgument: Int
    ) -> [(sql: String, argument: SQLValue)] {
        var found: [(sql: String, argument: SQLValue)] = []
        func add(_ argument: SQLValue, _ condition: (String) -> String) {
            found.append((condition("?\(firstArgument + found.count)"), argument))
        }
        if let mac = search.mac { add(.mac(mac)) { "mac = \($0)" } }
        if let words = search.words {
            add(.text(pattern(words))) {
                "LOWER(COALESCE(person, '') || ' ' || COALESCE(email, '') || ' ' || COALESCE(device, '')) "
                    + "LIKE \($0) ESCAPE '\\'"
            }
        }
        if let part = search.macPart {
            add(.integer(Int64(part.value))) { argument in
                part.shifts.map { "((mac >> \($0)) & \(part.mask)) = \(argument)" }.joined(separator: " OR ")
            }
        }
        if let code = search.code {
            add(.text(code.rawValue)) { "coupon_id IN (SELECT id FROM coupons WHERE code = \($0))" }
        }
        return found
    }

    /// A literal instead of an argument, so that the engine can use the partial index of the status. Running sessions
    /// are a small part of all sessions.
    private static func condition(_ status: GuestSession.Status) -> String {
        let isRunning = status == .connecting || status == .active
        return "status = '\(status.rawValue)'" + (isRunning ? " AND ended_at IS NULL" : "")
    }

    /// A pattern that matches `text` anywhere and takes its wildcards literally.
    private static func pattern(_ text: String) -> String {
        let escaped = text.lowercased().map { "\\%_".contains($0) ? "\\\($0)" : "\($0)" }.joined()
        return "%\(escaped)%"
    }
}
