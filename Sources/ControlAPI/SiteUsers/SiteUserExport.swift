import Captive
import HTTPServer

/// The users of a site as a CSV table, with the fields of the list.
struct SiteUserExport {
    static let mediaType = "text/csv"
    /// The maximum number of rows in a response, which takes about 300 bytes of memory per row. `Link` has the next
    /// page.
    static let maximumRows = 100_000

    let shape: Shape<GuestSession>
    /// Rows per database read.
    private static let batch = 500

    /// At most `limit` rows from `page` on. `address` is the URL of the list, including its filters.
    func response(
        at address: String, from page: ListPage, limit: Int, _ fetch: (ListPage) async throws -> [GuestSession]
    ) async throws -> Response {
        var table = CSVTable(names: names)
        var (next, count) = (page, 0)
        while count < limit {
            next.limit = min(Self.batch, limit - count)
            let rows = try await fetch(next)
            for row in rows { table.add(cells(of: row)) }
            count += rows.count
            guard rows.count == next.limit, let last = rows.last else { return Self.tableResponse(table, rest: nil) }
            next.after = .init(createdAt: last.createdAt, id: last.id)
        }
        let hasMore = try await !fetch(ListPage(limit: 1, after: next.after)).isEmpty
        let asked = limit == Self.maximumRows ? nil : limit
        return Self.tableResponse(table, rest: hasMore ? next.after?.address(at: address, limit: asked) : nil)
    }

    private static let person = GuestSession.Identity.shape.fields

    /// The column names: the fields of the list, with `identity` flattened.
    private var names: [String] {
        shape.fields.flatMap { field in
            field.name == "identity" ? Self.person.map { "identity_" + $0.name } : [field.name]
        }
    }

    private func cells(of user: GuestSession) -> [String] {
        shape.fields.flatMap { field in
            guard field.name == "identity" else { return [field.json(user).cell] }
            return Self.person.map { part in user.identity.map { part.json($0).cell } ?? "" }
        }
    }

    private static func tableResponse(_ table: CSVTable, rest: String?) -> Response {
        var headers: Headers = [
            "Content-Type": "\(mediaType); charset=utf-8; header=present", "Cache-Control": "no-store",
            "Content-Disposition": "attachment; filename=\"users.csv\"", "Vary": "Accept",
        ]
        if let rest { headers.add("Link", "<\(rest)>; rel=\"next\"") }
        return Response(.ok, headers: headers, body: .bytes(table.bytes))
    }
}
