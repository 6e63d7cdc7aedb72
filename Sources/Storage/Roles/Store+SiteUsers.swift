package import Captive
package import Foundation

extension Store: SiteUserStore {
    package func users(
        of siteID: UUID, matching filter: SiteUserFilter, page: ListPage
    ) async throws -> [GuestSession] {
        let (sql, arguments) = SiteUserSQL.page(filter)
        return try await database.read {
            try $0.rows(sql, [.id(siteID)] + page.arguments + arguments).map(SessionRow.session)
        }
    }
}
