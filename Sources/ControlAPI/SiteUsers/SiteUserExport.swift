import Captive
import HTTPServer

/// The users of a site as a table for spreadsheet programs: what the list prints, in one go.
struct SiteUserExport {
    static let mediaType = "text/csv"
    /// Most lines of one answer, which takes about 300 bytes for each in memory; `Link` says where the table goes on.
    static let mostRows = 100_000

    private static let columns = [
        "id", "site_id", "instance_id", "mac", "ip", "status", "reason", "strategy", "coupon_id", "identity.provider",
        "identity.subject", "identity.email", "identity.name", "device", "created_at", "authorized_at", "expires_at",
        "ended_at",
    ]

    let shape: Shape<GuestSession>
    /// Rows read from the books at a time.
    private static let batch = 500

    /// All that `fetch` yields from `page` on, `limit` rows at most. `address` is that of the list, with its filters.
    func response(
        at address: String, from page: ListPage, limit: Int, _ fetch: (ListPage) async throws -> [GuestSession]
    ) async throws -> Response {
        var table = CSVTable(names: Self.columns.map { $0.replacing(".", with: "_") })
        var (next, count) = (page, 0)
        while count < limit {
            next.limit = min(Self.batch, limit - count)
            let rows = try await fetch(next)
            for row in rows {
                let printed = shape.json(row)
                table.add(Self.columns.map(printed.cell))
            }
            count += rows.count
            guard rows.count == next.limit, let last = rows.last else { return Self.answer(table, rest: nil) }
            next.after = .init(createdAt: last.createdAt, id: last.id)
        }
        let isCut = try await !fetch(ListPage(limit: 1, after: next.after)).isEmpty
        let asked = limit == Self.mostRows ? nil : limit
        return Self.answer(table, rest: isCut ? next.after?.address(at: address, limit: asked) : nil)
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
