import Captive
import HTTPServer

/// The users of a site as a table for spreadsheet programs: what the list prints, in one go.
struct SiteUserExport {
    static let mediaType = "text/csv"
    /// Most lines of one answer, which takes about 300 bytes for each in memory; `Link` says where the table goes on.
    static let mostRows = 100_000

    let shape: Shape<GuestSession>
    /// Rows read from the books at a time.
    private static let batch = 500

    /// All that `fetch` yields from `page` on, `limit` rows at most. `address` is that of the list, with its filters.
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
            guard rows.count == next.limit, let last = rows.last else { return Self.answer(table, rest: nil) }
            next.after = .init(createdAt: last.createdAt, id: last.id)
        }
        let isCut = try await !fetch(ListPage(limit: 1, after: next.after)).isEmpty
        let asked = limit == Self.mostRows ? nil : limit
        return Self.answer(table, rest: isCut ? next.after?.address(at: address, limit: asked) : nil)
    }

    private static let person = GuestSession.Identity.shape.fields

    /// The fields of the list, the person's in place of the object that holds them.
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

    private static func answer(_ table: CSVTable, rest: String?) -> Response {
        var headers: Headers = [
            "Content-Type": "\(mediaType); charset=utf-8; header=present", "Cache-Control": "no-store",
            "Content-Disposition": "attachment; filename=\"users.csv\"", "Vary": "Accept",
        ]
        if let rest { headers.add("Link", "<\(rest)>; rel=\"next\"") }
        return Response(.ok, headers: headers, body: .bytes(table.bytes))
    }
}
